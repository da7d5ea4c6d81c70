//! How many requests are under way at once: what is beyond is refused early, because whoever
//! waits in a line that only grows gives up before his turn, and everybody else with him.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
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
    pub(super) fn enter(&self) -> Result<Place, Problem> {
        let place = Place {
            shared: Arc::clone(&self.shared),
        };
        let before = self.shared.requests.fetch_add(1, Ordering::Relaxed);
        if before < self.shared.capacity.requests {
            return Ok(place);
        }
        Err(Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "overloaded",
            "more requests than can be answered; try again",
        ))
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

/// A request under way.
pub(super) struct Place {
    shared: Arc<Shared>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.requests.fetch_sub(1, Ordering::Relaxed);
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
