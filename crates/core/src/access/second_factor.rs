//! The second factor of a caller.

use chrono::TimeDelta;

use super::AccessError;
use crate::clock::Timestamp;

/// How long ago a second factor was checked at most, where a recent check is required.
const RECENT: TimeDelta = TimeDelta::minutes(10);

/// What is known of the second factor of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecondFactor {
    /// The account has none, or the caller has no session.
    #[default]
    NotSetUp,
    /// The account has one, and the session began before that: it was never checked.
    NotChecked,
    /// It was checked, for the login or later.
    Checked,
    /// It was checked within the last ten minutes.
    CheckedRecently,
}

impl SecondFactor {
    /// That of a session: whether the account has one, and when it was checked last.
    #[must_use]
    pub fn of_session(is_set_up: bool, checked_at: Option<Timestamp>, now: Timestamp) -> Self {
        match checked_at {
            _ if !is_set_up => Self::NotSetUp,
            None => Self::NotChecked,
            Some(at) if Self::recent_until(at) > now => Self::CheckedRecently,
            Some(_) => Self::Checked,
        }
    }

    /// Until when a check at that time is recent.
    #[must_use]
    pub fn recent_until(checked_at: Timestamp) -> Timestamp {
        checked_at + RECENT
    }

    /// Whether the account has one.
    #[must_use]
    pub const fn is_set_up(self) -> bool {
        !matches!(self, Self::NotSetUp)
    }

    /// Passes an account without one, and a session that checked it recently: what a stolen session must
    /// not do asks for it.
    ///
    /// # Errors
    /// [`AccessError::SecondFactorRequired`].
    pub const fn require_recent(self) -> Result<(), AccessError> {
        match self {
            Self::NotSetUp | Self::CheckedRecently => Ok(()),
            Self::NotChecked | Self::Checked => Err(AccessError::SecondFactorRequired),
        }
    }

    /// Passes a session that checked it at some time, for an organization that requires one.
    ///
    /// # Errors
    /// [`AccessError::SecondFactorMissing`] for an account without one,
    /// [`AccessError::SecondFactorRequired`] for a session that did not check it.
    pub const fn require_checked(self) -> Result<(), AccessError> {
        match self {
            Self::NotSetUp => Err(AccessError::SecondFactorMissing),
            Self::NotChecked => Err(AccessError::SecondFactorRequired),
            Self::Checked | Self::CheckedRecently => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment() -> Timestamp {
        Timestamp::from_timestamp(1_800_000_000, 0).expect("a time")
    }

    #[test]
    fn a_check_is_recent_for_ten_minutes() {
        let now = moment();
        let after = |seconds| {
            let checked = now - TimeDelta::seconds(seconds);
            SecondFactor::of_session(true, Some(checked), now)
        };
        assert_eq!(after(0), SecondFactor::CheckedRecently);
        assert_eq!(after(599), SecondFactor::CheckedRecently);
        assert_eq!(after(600), SecondFactor::Checked);
    }

    #[test]
    fn without_a_second_factor_nothing_was_checked() {
        let now = moment();
        let of = |is_set_up, at| SecondFactor::of_session(is_set_up, at, now);
        assert_eq!(of(false, Some(now)), SecondFactor::NotSetUp);
        assert_eq!(of(true, None), SecondFactor::NotChecked);
    }
}
