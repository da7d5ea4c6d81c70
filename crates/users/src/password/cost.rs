//! The cost of one password hash.

use argon2::{Algorithm, Argon2, Params, Version, password_hash::phc::PasswordHash};

/// The work of one password hash: paid by the server once a login, by an attacker once a guess.
#[derive(Clone, Debug)]
pub struct PasswordCost(Params);

impl PasswordCost {
    /// The minimum that Argon2 allows. It protects nothing: only for tests.
    #[must_use]
    pub fn minimal() -> Self {
        Self::of(Params::MIN_M_COST, Params::MIN_T_COST)
    }

    fn of(memory_kib: u32, passes: u32) -> Self {
        let lanes = Params::MIN_P_COST;
        let params = Params::new(memory_kib, passes, lanes, Some(Params::DEFAULT_OUTPUT_LEN));
        Self(params.expect("within the limits of Argon2"))
    }

    pub(super) fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.0.clone())
    }

    /// Whether a hash was computed at this cost.
    pub(super) fn matches_hash(&self, hash: &PasswordHash) -> bool {
        let Ok(params) = Params::try_from(hash) else {
            return false;
        };
        hash.algorithm == Algorithm::Argon2id.ident()
            && hash.version == Some(Version::V0x13.into())
            && params.m_cost() == self.0.m_cost()
            && params.t_cost() == self.0.t_cost()
            && params.p_cost() == self.0.p_cost()
    }
}

/// 19 MiB, two passes, one lane: about 60 ms, and the recommendation of OWASP's password storage
/// cheat sheet for Argon2id.
impl Default for PasswordCost {
    fn default() -> Self {
        Self::of(19 * 1024, 2)
    }
}
