//! How many bytes of large responses may wait for their clients: clients that read slowly, or not at
//! all, must not fill the memory that all share.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard},
};

use actix_web::http::StatusCode;

use super::Problem;
use tenantry_core::id::{OrganizationId, UserId, Uuid};

/// How many bytes may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResponseLimits {
    /// In the process. Half of it is for callers who have nothing waiting: a few that read slowly don't
    /// take the responses of all others.
    pub process: usize,
    /// In one organization.
    pub organization: usize,
    /// For one caller, in all organizations.
    pub caller: usize,
}

impl Default for ResponseLimits {
    fn default() -> Self {
        const MEGABYTE: usize = 1024 * 1024;
        Self {
            process: 128 * MEGABYTE,
            organization: 16 * MEGABYTE,
            // More than the largest response.
            caller: 8 * MEGABYTE,
        }
    }
}

/// The shares of a process. Cheap to clone; all clones count together.
#[derive(Clone, Debug, Default)]
pub struct ResponseShares(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    limits: ResponseLimits,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: usize,
    /// The bytes of each caller and each organization that has any.
    of_holders: HashMap<Uuid, usize>,
}

/// Whose share a response takes.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResponseHolder {
    pub(super) caller: UserId,
    pub(super) organization: Option<OrganizationId>,
}

impl ResponseHolder {
    /// The ids with their limits.
    fn shares(self, limits: ResponseLimits) -> impl Iterator<Item = (Uuid, usize)> {
        let organization = self.organization.map(|id| (id.uuid(), limits.organization));
        [(self.caller.uuid(), limits.caller)]
            .into_iter()
            .chain(organization)
    }
}

impl ResponseShares {
    /// Shares of these sizes.
    #[must_use]
    pub fn new(limits: ResponseLimits) -> Self {
        let waiting = Mutex::default();
        Self(Arc::new(Shared { limits, waiting }))
    }

    /// Whether a request may run. The size of its response is not known yet, so the last quarter of a
    /// share is for requests that are under way.
    ///
    /// # Errors
    /// A 429, `rate_limited`, when the share of the caller or of its organization is nearly used up.
    pub(super) fn check(&self, holder: ResponseHolder) -> Result<(), Problem> {
        self.0
            .waiting()
            .check(holder.shares(self.0.limits), |bytes, limit| {
                bytes <= limit / 4 * 3
            })
    }

    /// Counts the bytes of a response until the result is dropped.
    ///
    /// # Errors
    /// A 429, `rate_limited`, if they exceed the share of the caller or of its organization; a 503,
    /// `overloaded`, if they exceed that of the process.
    pub(super) fn hold(
        &self,
        holder: ResponseHolder,
        bytes: usize,
    ) -> Result<WaitingResponse, Problem> {
        let limits = self.0.limits;
        let mut waiting = self.0.waiting();
        waiting.check(holder.shares(limits), |held, limit| held + bytes <= limit)?;
        let has_some = waiting.of_holders.contains_key(&holder.caller.uuid());
        let limit = if has_some {
            limits.process / 2
        } else {
            limits.process
        };
        if waiting.bytes + bytes > limit {
            return Err(Problem::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "overloaded",
                "more responses wait to be read than can be kept; try again",
            ));
        }
        waiting.bytes += bytes;
        for (id, _) in holder.shares(limits) {
            *waiting.of_holders.entry(id).or_default() += bytes;
        }
        drop(waiting);
        let shared = Arc::clone(&self.0);
        Ok(WaitingResponse {
            shared,
            holder,
            bytes,
        })
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().expect("nothing panics under it")
    }
}

impl Waiting {
    fn check(
        &self,
        shares: impl Iterator<Item = (Uuid, usize)>,
        fits: impl Fn(usize, usize) -> bool,
    ) -> Result<(), Problem> {
        for (id, limit) in shares {
            let bytes = self.of_holders.get(&id).copied().unwrap_or_default();
            if !fits(bytes, limit) {
                return Err(Problem::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "rate_limited",
                    "too many responses wait to be read; read them, and try again",
                ));
            }
        }
        Ok(())
    }
}

/// A response that counts.
pub(super) struct WaitingResponse {
    shared: Arc<Shared>,
    holder: ResponseHolder,
    bytes: usize,
}

impl Drop for WaitingResponse {
    fn drop(&mut self) {
        let mut waiting = self.shared.waiting();
        waiting.bytes -= self.bytes;
        for (id, _) in self.holder.shares(self.shared.limits) {
            if let Entry::Occupied(mut bytes) = waiting.of_holders.entry(id) {
                *bytes.get_mut() -= self.bytes;
                if *bytes.get() == 0 {
                    bytes.remove();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(caller: u128, organization: Option<u128>) -> ResponseHolder {
        ResponseHolder {
            caller: Uuid::from_u128(caller).into(),
            organization: organization.map(|id| Uuid::from_u128(id).into()),
        }
    }

    fn shares() -> ResponseShares {
        ResponseShares::new(ResponseLimits {
            process: 60,
            organization: 30,
            caller: 20,
        })
    }

    fn code(refused: Result<WaitingResponse, Problem>) -> String {
        refused.err().expect("refused").code().to_owned()
    }

    #[test]
    fn a_caller_has_one_share_in_all_organizations() {
        let shares = shares();
        let first = shares.hold(holder(1, Some(11)), 10).expect("its share");
        let second = shares.hold(holder(1, Some(12)), 10).expect("its share");
        assert_eq!(code(shares.hold(holder(1, None), 1)), "rate_limited");
        assert!(
            shares.check(holder(1, Some(13))).is_err(),
            "before the work"
        );
        assert!(shares.check(holder(2, Some(11))).is_ok());
        let other = shares.hold(holder(2, Some(11)), 20);
        drop(other.expect("the share of another caller"));
        drop(first);
        drop(shares.hold(holder(1, None), 10).expect("free again"));
        drop(second);
        let waiting = shares.0.waiting();
        assert_eq!(waiting.bytes, 0);
        assert!(waiting.of_holders.is_empty(), "nothing is kept");
    }

    #[test]
    fn an_organization_has_one_share_for_all_its_members() {
        let shares = shares();
        let _held = [1, 2].map(|caller| shares.hold(holder(caller, Some(11)), 15));
        assert_eq!(code(shares.hold(holder(3, Some(11)), 1)), "rate_limited");
        drop(shares.hold(holder(3, Some(12)), 20).expect("another one"));
    }

    #[test]
    fn half_of_the_process_is_for_callers_who_have_nothing_waiting() {
        let shares = shares();
        let of = |caller| shares.hold(holder(caller, None), 10);
        let _held = [1, 2, 3].map(|caller| of(caller).expect("the first half"));
        assert_eq!(code(of(1)), "overloaded");
        let held = [4, 5, 6].map(|caller| of(caller).expect("the other half"));
        assert_eq!(code(of(7)), "overloaded");
        assert!(
            shares.check(holder(7, None)).is_ok(),
            "small ones are served"
        );
        drop(held);
        drop(of(7).expect("free again"));
    }
}
