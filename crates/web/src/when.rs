//! Moments as people read them, in the time zone of an organization.

use std::{fmt, str::FromStr};

use jiff::{Timestamp as Moment, civil::Date, tz::TimeZone as Zone};
use tenantry_core::{clock::Timestamp, value::InvalidText};
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

    /// The first moment of a day.
    pub(crate) fn start_of(&self, Day(day): Day) -> Option<Timestamp> {
        let start = day.to_zoned(self.0.clone()).ok()?.timestamp();
        Timestamp::from_timestamp_micros(start.as_microsecond())
    }

    /// The first moment after a day.
    pub(crate) fn end_of(&self, Day(day): Day) -> Option<Timestamp> {
        self.start_of(Day(day.tomorrow().ok()?))
    }

    /// A moment for a page.
    pub(crate) fn show(&self, moment: &Timestamp) -> When {
        let text = Moment::from_microsecond(moment.timestamp_micros())
            .map(|at| at.to_zoned(self.0.clone()))
            .map(|at| {
                // A page of an organization shows its time; all others say which it is.
                let form = if self.0 == Zone::UTC {
                    "%-d %B %Y, %H:%M UTC"
                } else {
                    "%-d %B %Y, %H:%M"
                };
                at.strftime(form).to_string()
            });
        let exact = moment.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        When {
            text: text.unwrap_or_else(|_| exact.clone()),
            exact,
        }
    }
}

/// A day of the calendar, as a date field sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Day(Date);

tenantry_core::text_field!(Day, { "format": "date" });

impl FromStr for Day {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let day = Date::strptime("%Y-%m-%d", text);
        day.map(Self)
            .map_err(|_| InvalidText("must be a day such as 2026-12-03"))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
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
        assert_eq!(
            Dates::utc().show(&moment).text,
            "3 December 2026, 13:05 UTC"
        );
    }

    #[test]
    fn a_day_begins_and_ends_in_the_time_zone_of_the_organization() {
        let dates = Dates::of(&"Europe/Zurich".parse().expect("a zone"));
        // The clocks are set forward on that day.
        let day: Day = "2026-03-29".parse().expect("a day");
        let bounds = [dates.start_of(day), dates.end_of(day)];
        let expected = ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"];
        assert_eq!(bounds, expected.map(|time| time.parse().ok()));
        assert_eq!(day.to_string(), "2026-03-29");
        for bad in ["", "29.3.2026", "2026-02-30", "2026-03-29T00:00"] {
            assert!(bad.parse::<Day>().is_err(), "{bad}");
        }
        let last: Day = "9999-12-31".parse().expect("a day");
        assert_eq!(dates.end_of(last), None);
    }
}
