//! How many requests are under way at once: what is beyond is refused early, because whoever
//! waits in a line that only grows gives up before his turn, and everybody else with him.

use std::{
    collections::HashMap,
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
use crate::id::OrganizationId;

/// How many requests may be under way in this process, those that wait for a connection to the
/// database among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    /// In all.
    pub requests: usize,
    /// Of one organization, so that it can't take everybody's.
    pub organization: usize,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            requests: 256,
            organization: 128,
        }
    }
}

/// How long whoever finds no room waits for some: a burst passes in that time. Where more come than
/// can be answered, many ask again at once, and to refuse them over and over would cost those inside
/// as much as it costs to answer them.
const PAUSE: Duration = Duration::from_millis(35);

/// How many a worker refuses at a time, each after one of its turns. Whoever is inside needs several
/// turns, and dozens of refusals in each of them would leave him little.
const REFUSALS: usize = 3;

/// As many bodies may be on their way for each request that may be under way: they take memory.
const ARRIVING: usize = 4;

/// The requests that are under way. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Load {
    capacity: Capacity,
    line: Arc<Line>,
    organizations: Arc<Organizations>,
}

/// Where one worker's requests wait. A place that another worker gave back would lie idle until
/// this one looks at what comes from outside, which it seldom does while it is busy.
#[derive(Debug)]
struct Line {
    requests: Arc<Semaphore>,
    /// Those whose bodies are on their way.
    arriving: Arc<Semaphore>,
    /// Those that are being refused.
    refusals: Semaphore,
}

/// How many requests each has under way, if it has any: never more than there are requests.
type Organizations = Mutex<HashMap<OrganizationId, usize>>;

impl Default for Load {
    fn default() -> Self {
        Self::new(Capacity::default())
    }
}

impl Load {
    /// For one process.
    ///
    /// # Panics
    /// Beyond a quarter of [`Semaphore::MAX_PERMITS`] requests.
    #[must_use]
    pub fn new(capacity: Capacity) -> Self {
        Self {
            capacity,
            line: Arc::new(Line::new(capacity.requests)),
            organizations: Arc::default(),
        }
    }

    /// For one of so many workers of the process: its part of the places, rounded up, with a line
    /// of its own. An organization's places are of all workers together.
    ///
    /// # Panics
    /// Where there are no workers.
    #[must_use]
    pub fn for_worker(&self, workers: usize) -> Self {
        Self {
            line: Arc::new(Line::new(self.capacity.requests.div_ceil(workers))),
            ..self.clone()
        }
    }

    /// Takes a place, if there is one.
    pub(super) fn enter_now(&self) -> Option<Arc<Place>> {
        self.line.free().map(|held| self.place(held))
    }

    /// Takes a place, as soon as there is one and those who came before have theirs.
    ///
    /// # Errors
    /// A 503, `overloaded`, after a [`PAUSE`] without one, and later where many are refused.
    pub(super) async fn enter(&self) -> Result<Arc<Place>, Problem> {
        let held = self.line.room().await?;
        Ok(self.place(held))
    }

    fn place(&self, held: OwnedSemaphorePermit) -> Arc<Place> {
        let (line, held) = (Arc::clone(&self.line), Mutex::new(held));
        Arc::new(Place { line, held })
    }

    /// Takes one of an organization's places.
    ///
    /// # Errors
    /// A 429, `rate_limited`: there may be room for everybody else.
    pub(super) fn enter_organization(
        &self,
        organization: OrganizationId,
    ) -> Result<OrganizationPlace, Problem> {
        let mut organizations = lock(&self.organizations);
        let under_way = organizations.entry(organization).or_default();
        if *under_way >= self.capacity.organization {
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "too many requests of this organization at once; try again",
            ));
        }
        *under_way += 1;
        Ok(OrganizationPlace {
            organizations: Arc::clone(&self.organizations),
            organization,
        })
    }
}

impl Line {
    fn new(requests: usize) -> Self {
        Self {
            requests: Arc::new(Semaphore::new(requests)),
            arriving: Arc::new(Semaphore::new(ARRIVING * requests)),
            refusals: Semaphore::new(REFUSALS),
        }
    }

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
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nothing panics under it")
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
    line: Arc<Line>,
    held: Mutex<OwnedSemaphorePermit>,
}

impl Place {
    /// Gives the place to others while its request's body arrives: who sends one slowly is to take
    /// nobody's place.
    ///
    /// # Errors
    /// A 503, `overloaded`, where too many bodies are on their way.
    pub(super) fn leave(&self) -> Result<(), Problem> {
        let arriving = Arc::clone(&self.line.arriving).try_acquire_owned();
        self.hold(arriving.map_err(|_| overloaded())?);
        Ok(())
    }

    /// Takes a place again.
    ///
    /// # Errors
    /// As [`Load::enter`].
    pub(super) async fn come_back(&self) -> Result<(), Problem> {
        self.hold(self.line.room().await?);
        Ok(())
    }

    fn hold(&self, permit: OwnedSemaphorePermit) {
        *lock(&self.held) = permit;
    }
}

/// A request under way in an organization.
pub(super) struct OrganizationPlace {
    organizations: Arc<Organizations>,
    organization: OrganizationId,
}

impl Drop for OrganizationPlace {
    fn drop(&mut self) {
        let mut organizations = lock(&self.organizations);
        if let Some(under_way) = organizations.get_mut(&self.organization) {
            *under_way -= 1;
            if *under_way == 0 {
                organizations.remove(&self.organization);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::FutureExt as _;
    use tokio::task::JoinSet;

    use super::*;
    use crate::id::Uuid;

    fn load() -> Load {
        Load::new(Capacity {
            requests: 3,
            organization: 2,
        })
    }

    fn enter(load: &Load) -> Arc<Place> {
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
        let load = Load::new(Capacity {
            requests: 0,
            organization: 0,
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
        let turns = load.line.refusals.try_acquire_many(REFUSALS as u32);
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
    fn each_worker_has_its_part_of_the_places_and_an_organization_has_its_own_in_all() {
        let load = load();
        let (one, other) = (load.for_worker(2), load.for_worker(2));
        let _all_of_one = [enter(&one), enter(&one)];
        assert!(one.enter_now().is_none());
        let _of_the_other = [enter(&other), enter(&other)];
        let held = [&one, &other].map(|load| load.enter_organization(organization(1)));
        for load in [&one, &other] {
            let refused = load.enter_organization(organization(1)).err();
            assert_eq!(refused.expect("no room").code(), "rate_limited");
        }
        drop(held);
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
        assert!(lock(&load.organizations).is_empty(), "nothing is kept");
    }
}
