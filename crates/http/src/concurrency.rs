//! How many requests are under way at once: what is beyond is refused early, because whoever
//! waits in a line that only grows gives up before his turn, and everybody else with him.

use std::{
    cell::Cell,
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use actix_web::http::StatusCode;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::yield_now,
    time::timeout,
};

use super::Problem;
use tenantry_core::id::OrganizationId;

/// How many requests may be under way, those that wait for a connection to the database among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcurrencyLimits {
    /// In all.
    pub requests: usize,
    /// Of one organization, so that it can't take everybody's.
    pub per_tenant: usize,
}

impl Default for ConcurrencyLimits {
    fn default() -> Self {
        Self {
            requests: 256,
            per_tenant: 128,
        }
    }
}

impl ConcurrencyLimits {
    /// The part of one of so many workers, rounded up. A place that was another worker's would lie
    /// idle until this one looks at what comes from outside, which it seldom does while it is busy;
    /// and what an organization takes is part of what its worker has.
    ///
    /// # Panics
    /// Where there are no workers.
    #[must_use]
    pub const fn for_worker(self, workers: usize) -> Self {
        Self {
            requests: self.requests.div_ceil(workers),
            per_tenant: self.per_tenant.div_ceil(workers),
        }
    }
}

/// How long whoever finds no room waits for some: a burst passes in that time. Where more come than
/// can be answered, many ask again at once, and to refuse them over and over would cost those inside
/// as much as it costs to answer them.
const PAUSE: Duration = Duration::from_millis(35);

/// How many are refused at a time, each after a turn of the worker. Whoever is inside needs several
/// turns, and dozens of refusals in each of them would leave him little.
const REFUSALS: usize = 3;

/// As many bodies may be on their way for each request that may be under way: they take memory.
const ARRIVING: usize = 4;

/// The requests that one worker has under way. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ConcurrencyLimiter {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    capacity: ConcurrencyLimits,
    requests: Arc<Semaphore>,
    /// Those whose bodies are on their way.
    arriving: Arc<Semaphore>,
    /// Those that are being refused.
    refusals: Semaphore,
    /// Those that have any: never more than there are requests and bodies.
    organizations: Mutex<HashMap<(OrganizationId, Stage), usize>>,
}

/// What an organization's requests are counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    UnderWay,
    Arriving,
}

impl Default for ConcurrencyLimiter {
    fn default() -> Self {
        Self::new(ConcurrencyLimits::default())
    }
}

impl ConcurrencyLimiter {
    /// For one worker.
    ///
    /// # Panics
    /// Beyond a quarter of [`Semaphore::MAX_PERMITS`] requests.
    #[must_use]
    pub fn new(capacity: ConcurrencyLimits) -> Self {
        let shared = Arc::new(Shared {
            capacity,
            requests: Arc::new(Semaphore::new(capacity.requests)),
            arriving: Arc::new(Semaphore::new(ARRIVING * capacity.requests)),
            refusals: Semaphore::new(REFUSALS),
            organizations: Mutex::default(),
        });
        Self { shared }
    }

    /// Takes a place, if there is one.
    pub(super) fn enter_now(&self) -> Option<Arc<Place>> {
        self.shared.free().map(|held| self.place(held))
    }

    /// Takes a place, as soon as there is one and those who came before have theirs.
    ///
    /// # Errors
    /// A 503, `overloaded`, after a [`PAUSE`] without one, and later where many are refused.
    pub(super) async fn enter(&self) -> Result<Arc<Place>, Problem> {
        let held = self.shared.room().await?;
        Ok(self.place(held))
    }

    fn place(&self, held: OwnedSemaphorePermit) -> Arc<Place> {
        let (shared, held) = (Arc::clone(&self.shared), Mutex::new(held));
        Arc::new(Place { shared, held })
    }

    /// Takes one of an organization's places.
    ///
    /// # Errors
    /// A 429, `rate_limited`: there may be room for everybody else.
    pub(super) fn enter_organization(
        &self,
        organization: OrganizationId,
    ) -> Result<OrganizationPlace, Problem> {
        let place = OrganizationPlace {
            shared: Arc::clone(&self.shared),
            organization,
            stage: Cell::new(None),
        };
        place.go(Stage::UnderWay)?;
        Ok(place)
    }
}

impl Shared {
    async fn room(&self) -> Result<OwnedSemaphorePermit, Problem> {
        // Almost always there is some, and no timer is needed.
        if let Some(held) = self.free() {
            return Ok(held);
        }
        let requests = Arc::clone(&self.requests);
        if let Ok(held) = timeout(PAUSE, requests.acquire_owned()).await {
            return Ok(held.expect("never closed"));
        }
        let _turn = self.refusals.acquire().await;
        yield_now().await;
        // That may have been long, and while anybody waits for room none is free.
        self.free().ok_or_else(overloaded)
    }

    fn free(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.requests).try_acquire_owned().ok()
    }

    fn organizations(&self) -> MutexGuard<'_, HashMap<(OrganizationId, Stage), usize>> {
        self.organizations.lock().expect("nothing panics under it")
    }
}

fn overloaded() -> Problem {
    Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "overloaded",
        "more requests than can be answered; try again",
    )
}

/// A request under way, or one whose body is.
pub(super) struct Place {
    shared: Arc<Shared>,
    held: Mutex<OwnedSemaphorePermit>,
}

impl Place {
    /// Gives the place to others while its request's body arrives: who sends one slowly is to take
    /// nobody's place.
    ///
    /// # Errors
    /// A 503, `overloaded`, where too many bodies are on their way.
    pub(super) fn leave(&self) -> Result<(), Problem> {
        let arriving = Arc::clone(&self.shared.arriving).try_acquire_owned();
        self.hold(arriving.map_err(|_| overloaded())?);
        Ok(())
    }

    /// Takes a place again.
    ///
    /// # Errors
    /// As [`ConcurrencyLimiter::enter`].
    pub(super) async fn come_back(&self) -> Result<(), Problem> {
        self.hold(self.shared.room().await?);
        Ok(())
    }

    fn hold(&self, permit: OwnedSemaphorePermit) {
        *self.held.lock().expect("nothing panics under it") = permit;
    }
}

/// A request under way in an organization, or one whose body is.
pub(super) struct OrganizationPlace {
    shared: Arc<Shared>,
    organization: OrganizationId,
    stage: Cell<Option<Stage>>,
}

impl OrganizationPlace {
    /// As [`Place::leave`].
    ///
    /// # Errors
    /// As [`ConcurrencyLimiter::enter_organization`], where too many of its bodies are on their way.
    pub(super) fn leave(&self) -> Result<(), Problem> {
        self.go(Stage::Arriving)
    }

    /// Takes the place again, if there is one.
    ///
    /// # Errors
    /// As [`ConcurrencyLimiter::enter_organization`].
    pub(super) fn come_back(&self) -> Result<(), Problem> {
        self.go(Stage::UnderWay)
    }

    fn go(&self, to: Stage) -> Result<(), Problem> {
        let places = self.shared.capacity.per_tenant;
        let most = match to {
            Stage::UnderWay => places,
            Stage::Arriving => ARRIVING * places,
        };
        let mut organizations = self.shared.organizations();
        let taken = organizations.entry((self.organization, to)).or_default();
        if *taken >= most {
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "too many requests of this organization at once; try again",
            ));
        }
        *taken += 1;
        self.leave_stage(self.stage.replace(Some(to)), organizations);
        Ok(())
    }

    fn leave_stage(
        &self,
        stage: Option<Stage>,
        mut organizations: MutexGuard<'_, HashMap<(OrganizationId, Stage), usize>>,
    ) {
        if let Some(stage) = stage
            && let Entry::Occupied(mut taken) = organizations.entry((self.organization, stage))
        {
            *taken.get_mut() -= 1;
            if *taken.get() == 0 {
                taken.remove();
            }
        }
    }
}

impl Drop for OrganizationPlace {
    fn drop(&mut self) {
        self.leave_stage(self.stage.take(), self.shared.organizations());
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;
    use tokio::task::JoinSet;

    use super::*;
    use tenantry_core::id::Uuid;

    fn load() -> ConcurrencyLimiter {
        ConcurrencyLimiter::new(ConcurrencyLimits {
            requests: 3,
            per_tenant: 2,
        })
    }

    fn enter(load: &ConcurrencyLimiter) -> Arc<Place> {
        load.enter_now().expect("room")
    }

    fn organization(number: u128) -> OrganizationId {
        Uuid::from_u128(number).to_string().parse().expect("an id")
    }

    #[tokio::test]
    async fn what_is_beyond_the_capacity_is_refused_until_a_place_is_free() {
        let load = load();
        let mut places: Vec<_> = (0..3).map(|_| enter(&load)).collect();
        for _ in 0..2 {
            let refused = load.enter().await.err().expect("no room");
            assert_eq!(refused.code(), "overloaded");
        }
        places.pop();
        places.push(load.enter().await.expect("room again"));
        assert!(load.enter_now().is_none());
    }

    #[tokio::test]
    async fn who_waits_gets_the_next_place_and_nobody_before_him() {
        let load = load();
        let mut places: Vec<_> = (0..3).map(|_| enter(&load)).collect();
        let (mut first, mut second) = (pin!(load.enter()), pin!(load.enter()));
        assert!(first.as_mut().now_or_never().is_none(), "he waits");
        assert!(second.as_mut().now_or_never().is_none(), "so does he");
        places.pop();
        assert!(load.enter_now().is_none(), "it is another's");
        assert!(second.now_or_never().is_none(), "and he came later");
        drop(first.await.expect("his turn"));
    }

    #[tokio::test]
    async fn hundreds_of_refusals_leave_turns_to_those_inside() {
        let load = ConcurrencyLimiter::new(ConcurrencyLimits {
            requests: 0,
            per_tenant: 0,
        });
        let mut refusals = JoinSet::new();
        for _ in 0..50 * REFUSALS {
            let load = load.clone();
            refusals.spawn(async move { load.enter().await.err().expect("no room") });
        }
        while !refusals.is_empty() {
            yield_now().await;
            let mut in_one_turn = 0;
            while refusals.try_join_next().is_some() {
                in_one_turn += 1;
            }
            assert!(in_one_turn <= 2 * REFUSALS, "{in_one_turn}");
        }
    }

    #[tokio::test]
    async fn whoever_waits_to_be_refused_is_let_in_where_room_has_come_free() {
        let load = load();
        let places: Vec<_> = (0..3).map(|_| enter(&load)).collect();
        let turns = load.shared.refusals.try_acquire_many(REFUSALS as u32);
        let mut late = pin!(load.enter());
        let waited = timeout(2 * PAUSE, late.as_mut()).await;
        assert!(waited.is_err(), "nobody's turn comes");
        drop(places);
        drop(turns);
        drop(late.await.expect("room"));
    }

    #[tokio::test]
    async fn whoever_sends_his_body_takes_no_place() {
        let load = load();
        let _others = [enter(&load), enter(&load)];
        let place = enter(&load);
        place.leave().expect("few bodies are on their way");
        let third = enter(&load);
        assert!(place.come_back().await.is_err(), "his is taken");
        let mut waiting = pin!(place.come_back());
        assert!(waiting.as_mut().now_or_never().is_none(), "he waits for it");
        drop(third);
        waiting.await.expect("it is free again");
        assert!(load.enter_now().is_none(), "it is his again");
    }

    #[test]
    fn each_worker_has_its_part_of_all_places_and_of_an_organizations() {
        let all = ConcurrencyLimits {
            requests: 5,
            per_tenant: 3,
        };
        let part = ConcurrencyLimits {
            requests: 2,
            per_tenant: 1,
        };
        assert_eq!(all.for_worker(1), all);
        assert_eq!(all.for_worker(3), part);
        let one = ConcurrencyLimits {
            requests: 1,
            per_tenant: 1,
        };
        assert_eq!(all.for_worker(8), one, "nobody is without");
    }

    #[test]
    fn only_so_many_bodies_may_be_on_their_way() {
        let load = load();
        let away: Vec<_> = (0..ARRIVING * 3)
            .map(|_| {
                let place = enter(&load);
                place.leave().expect("few bodies are on their way");
                place
            })
            .collect();
        let late = enter(&load);
        assert_eq!(late.leave().expect_err("too many").code(), "overloaded");
        drop(away);
        late.leave().expect("those who are gone count no more");
    }

    #[test]
    fn one_organization_does_not_take_the_places_of_another() {
        let load = load();
        let (noisy, quiet) = (organization(1), organization(2));
        let held = [(); 2].map(|()| load.enter_organization(noisy).expect("room"));
        let refused = load.enter_organization(noisy).err().expect("no room");
        assert_eq!(refused.code(), "rate_limited");
        drop(load.enter_organization(quiet).expect("room"));
        drop(held);
        drop(load.enter_organization(noisy).expect("room again"));
        assert!(load.shared.organizations().is_empty(), "nothing is kept");
    }

    #[test]
    fn whoever_sends_his_body_takes_no_place_of_his_organization() {
        let load = load();
        let acme = organization(1);
        let away = load.enter_organization(acme).expect("room");
        let other = load.enter_organization(acme).expect("room");
        away.leave().expect("few bodies are on their way");
        let third = load.enter_organization(acme).expect("his place");
        let refused = away.come_back().expect_err("it is taken");
        assert_eq!(refused.code(), "rate_limited");
        drop(third);
        away.come_back().expect("it is free again");
        assert!(load.enter_organization(acme).is_err(), "it is his again");
        drop((away, other));
        assert!(load.shared.organizations().is_empty(), "nothing is kept");
    }

    #[test]
    fn one_organization_does_not_take_all_room_for_bodies() {
        let load = load();
        let away = [(); ARRIVING * 2].map(|()| {
            let place = load.enter_organization(organization(1)).expect("room");
            place.leave().expect("few bodies are on their way");
            place
        });
        let late = load.enter_organization(organization(1)).expect("room");
        assert_eq!(late.leave().expect_err("too many").code(), "rate_limited");
        let other = load.enter_organization(organization(2)).expect("room");
        other.leave().expect("it has none");
        drop(away);
        late.leave().expect("those who are gone count no more");
    }
}
