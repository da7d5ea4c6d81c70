//! How many requests are under way at once: what is beyond is refused early, because whoever
//! waits in a line that only grows gives up before his turn, and everybody else with him.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use actix_web::http::StatusCode;

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

/// The requests that are under way. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Load {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    capacity: Capacity,
    requests: AtomicUsize,
    /// Those whose bodies are on their way.
    arriving: AtomicUsize,
    /// Those that have any: never more than there are requests.
    organizations: Mutex<HashMap<OrganizationId, usize>>,
}

impl Load {
    /// For one process.
    #[must_use]
    pub fn new(capacity: Capacity) -> Self {
        let shared = Arc::new(Shared {
            capacity,
            ..Shared::default()
        });
        Self { shared }
    }

    /// Takes a place, or is told at once that there is none.
    ///
    /// # Errors
    /// A 503, `overloaded`.
    pub(super) fn enter(&self) -> Result<Arc<Place>, Problem> {
        let shared = Arc::clone(&self.shared);
        take(&shared.requests, shared.capacity.requests)?;
        let is_away = AtomicBool::new(false);
        Ok(Arc::new(Place { shared, is_away }))
    }

    /// Takes one of an organization's places.
    ///
    /// # Errors
    /// A 429, `rate_limited`: there may be room for everybody else.
    pub(super) fn enter_organization(
        &self,
        organization: OrganizationId,
    ) -> Result<OrganizationPlace, Problem> {
        let mut organizations = self.shared.organizations();
        let under_way = organizations.entry(organization).or_default();
        if *under_way >= self.shared.capacity.organization {
            return Err(Problem::new(
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "too many requests of this organization at once; try again",
            ));
        }
        *under_way += 1;
        Ok(OrganizationPlace {
            shared: Arc::clone(&self.shared),
            organization,
        })
    }
}

impl Shared {
    fn organizations(&self) -> std::sync::MutexGuard<'_, HashMap<OrganizationId, usize>> {
        self.organizations.lock().expect("nothing panics under it")
    }
}

/// One more, unless there are as many as there may be.
fn take(taken: &AtomicUsize, most: usize) -> Result<(), Problem> {
    if taken.fetch_add(1, Ordering::Relaxed) < most {
        return Ok(());
    }
    taken.fetch_sub(1, Ordering::Relaxed);
    Err(Problem::new(
        StatusCode::SERVICE_UNAVAILABLE,
        "overloaded",
        "more requests than can be answered; try again",
    ))
}

/// A request under way.
pub(super) struct Place {
    shared: Arc<Shared>,
    /// Whether it was given up for a while.
    is_away: AtomicBool,
}

/// As many bodies may be on their way for each request that may be under way: they take memory.
const ARRIVING: usize = 4;

impl Place {
    /// Gives the place to others while its request's body arrives: who sends one slowly is to take
    /// nobody's place.
    ///
    /// # Errors
    /// A 503, `overloaded`, where too many bodies are on their way.
    pub(super) fn leave(&self) -> Result<(), Problem> {
        take(
            &self.shared.arriving,
            ARRIVING * self.shared.capacity.requests,
        )?;
        self.is_away.store(true, Ordering::Relaxed);
        self.shared.requests.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }

    /// Takes a place again.
    ///
    /// # Errors
    /// As [`Load::enter`].
    pub(super) fn come_back(&self) -> Result<(), Problem> {
        take(&self.shared.requests, self.shared.capacity.requests)?;
        self.is_away.store(false, Ordering::Relaxed);
        self.shared.arriving.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let held = if *self.is_away.get_mut() {
            &self.shared.arriving
        } else {
            &self.shared.requests
        };
        held.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A request under way in an organization.
pub(super) struct OrganizationPlace {
    shared: Arc<Shared>,
    organization: OrganizationId,
}

impl Drop for OrganizationPlace {
    fn drop(&mut self) {
        let mut organizations = self.shared.organizations();
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
    use super::*;
    use crate::id::Uuid;

    fn load() -> Load {
        Load::new(Capacity {
            requests: 3,
            organization: 2,
        })
    }

    fn organization(number: u128) -> OrganizationId {
        Uuid::from_u128(number).to_string().parse().expect("an id")
    }

    #[test]
    fn what_is_beyond_the_capacity_is_refused_until_a_place_is_free() {
        let load = load();
        let mut places: Vec<_> = (0..3).map(|_| load.enter().expect("room")).collect();
        for _ in 0..5 {
            let refused = load.enter().err().expect("no room");
            assert_eq!(refused.code(), "overloaded");
        }
        places.pop();
        places.push(load.enter().expect("room again"));
        assert!(load.enter().is_err());
    }

    #[test]
    fn whoever_sends_his_body_takes_no_place() {
        let load = load();
        let _others = [load.enter().expect("room"), load.enter().expect("room")];
        let place = load.enter().expect("room");
        place.leave().expect("few bodies are on their way");
        let third = load.enter().expect("his is free");
        assert!(place.come_back().is_err(), "it is taken");
        drop(third);
        place.come_back().expect("it is free again");
        assert!(load.enter().is_err(), "it is his again");
    }

    #[test]
    fn only_so_many_bodies_may_be_on_their_way() {
        let load = load();
        let away: Vec<_> = (0..ARRIVING * 3)
            .map(|_| {
                let place = load.enter().expect("room");
                place.leave().expect("few bodies are on their way");
                place
            })
            .collect();
        let late = load.enter().expect("room");
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
}
