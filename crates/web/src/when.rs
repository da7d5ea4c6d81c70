//! Moments as people read them, in the time zone of an organization.

use jiff::{Timestamp as Moment, tz::TimeZone as Zone};
use tenantry_core::clock::Timestamp;
use tenantry_organizations::TimeZone;

/// A time zone that dates are shown in.
#[derive(Clone, Debug)]
pub(crate) struct Dates(Zone);

impl Dates {
    pub(crate) fn utc() -> Self {
        Self(Zone::UTC)
    }

    /// The time zone of an organization's preferences; UTC if it is no longer in the database of
    /// time zones.
    pub(crate) fn of(zone: &TimeZone) -> Self {
        Self(Zone::get(zone.as_str()).unwrap_or(Zone::UTC))
    }

    /// A moment for a page.
    pub(crate) fn show(&self, moment: &Timestamp) -> When {
        let text = Moment::from_microsecond(moment.timestamp_micros())
            .map(|at| at.to_zoned(self.0.clone()))
            .map(|at| at.strftime("%-d %B %Y, %H:%M").to_string());
        let exact = moment.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        When {
            text: text.unwrap_or_else(|_| exact.clone()),
            exact,
        }
    }
}

/// A moment, as text and for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct When {
    /// `3 December 2026, 14:05`.
    pub(crate) text: String,
    /// `2026-12-03T13:05:00Z`.
    pub(crate) exact: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_shown_in_the_time_zone_of_the_organization() {
        let moment = "2026-12-03T13:05:09.5Z".parse().expect("a time");
        let shown = |zone: &str| Dates::of(&zone.parse().expect("a zone")).show(&moment);
        assert_eq!(shown("Europe/Zurich").text, "3 December 2026, 14:05");
        assert_eq!(shown("Pacific/Kiritimati").text, "4 December 2026, 03:05");
        assert_eq!(shown("UTC").exact, "2026-12-03T13:05:09Z");
        assert_eq!(Dates::utc().show(&moment).text, "3 December 2026, 13:05");
    }
}
