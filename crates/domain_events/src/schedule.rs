//! When a scheduled job is due: a cron expression in the time zone of an organization.

use croner::{
    Cron,
    parser::{CronParser, Seconds, Year},
};
use jiff::{
    Timestamp as Moment,
    civil::DateTime,
    tz::{AmbiguousOffset, TimeZone},
};
use tenantry_core::clock::Timestamp;

/// The zone of an organization without a setting.
const DEFAULT_ZONE: &str = "UTC";

/// A cron expression of five fields: minute, hour, day of the month, month, day of the week.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    expression: &'static str,
    cron: Cron,
}

impl Schedule {
    /// # Panics
    /// When the expression is none, or has no time: it is part of the program.
    pub(crate) fn new(expression: &'static str) -> Self {
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser.parse(expression);
        let cron = cron.unwrap_or_else(|error| panic!("the schedule `{expression}`: {error}"));
        let schedule = Self { expression, cron };
        let has_time = schedule.next(None, Timestamp::UNIX_EPOCH).is_some();
        assert!(has_time, "the schedule `{expression}` is never due");
        schedule
    }

    pub(crate) const fn expression(&self) -> &'static str {
        self.expression
    }

    /// What a stored time was computed from: the expression and the zone.
    pub(crate) fn rule(&self, zone: Option<&str>) -> String {
        format!("{} {}", self.expression, zone.unwrap_or(DEFAULT_ZONE))
    }

    /// The first time after a moment, by the clocks of a zone; UTC without one, and for one that is
    /// unknown. `None` if there is none any more.
    ///
    /// A time that the clocks skip is the moment of the change, the next valid one. A time that they
    /// show twice is the first of the two.
    pub(crate) fn next(&self, zone: Option<&str>, after: Timestamp) -> Option<Timestamp> {
        let zone = zone.map_or(Ok(TimeZone::UTC), TimeZone::get);
        let zone = zone.unwrap_or(TimeZone::UTC);
        let after = Moment::from_microsecond(after.timestamp_micros()).ok()?;
        let mut local = zone.to_datetime(after);
        loop {
            local = self.cron.find_next_occurrence(&local, false).ok()?;
            let moment = moment_of(&zone, local)?;
            // In the second pass of an hour that the clocks show twice, its times have passed.
            if moment > after {
                return Timestamp::from_timestamp_micros(moment.as_microsecond());
            }
        }
    }
}

fn moment_of(zone: &TimeZone, local: DateTime) -> Option<Moment> {
    let ambiguous = zone.to_ambiguous_timestamp(local);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { after, .. } => {
            // By the clocks after the change, a skipped time is shortly before it.
            let before_change = after.to_timestamp(local).ok()?;
            let change = zone.following(before_change).next()?;
            Some(change.timestamp())
        }
        _ => ambiguous.earlier().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    /// The next times after a moment.
    fn next(expression: &'static str, zone: &str, after: &str, count: usize) -> Vec<String> {
        let schedule = Schedule::new(expression);
        let mut after = time(after);
        let mut times = Vec::new();
        for _ in 0..count {
            after = schedule.next(Some(zone), after).expect("a time");
            times.push(after.format("%m-%dT%H:%MZ").to_string());
        }
        times
    }

    #[test]
    fn a_time_is_one_of_the_clocks_of_the_zone() {
        let times = next("0 8 * * MON", "Europe/Zurich", "2026-01-01T00:00:00Z", 2);
        assert_eq!(times, ["01-05T07:00Z", "01-12T07:00Z"]);
        let times = next("0 8 * * *", "America/New_York", "2026-07-01T12:00:00Z", 2);
        assert_eq!(
            times,
            ["07-02T12:00Z", "07-03T12:00Z"],
            "not the moment itself"
        );
        let schedule = Schedule::new("0 8 * * *");
        let after = time("2026-07-01T00:00:00Z");
        let utc = Some(time("2026-07-01T08:00:00Z"));
        assert_eq!(schedule.next(None, after), utc);
        assert_eq!(schedule.next(Some("Mars/Base"), after), utc);
    }

    #[test]
    fn a_time_that_the_clocks_skip_is_the_moment_of_the_change() {
        // On 29 March 2026 at 01:00 UTC, 02:00 becomes 03:00.
        let times = next("30 2 * * *", "Europe/Zurich", "2026-03-28T00:00:00Z", 3);
        assert_eq!(times, ["03-28T01:30Z", "03-29T01:00Z", "03-30T00:30Z"]);
        // Of several skipped times, and the first valid one, there is one run.
        let times = next("*/20 * * * *", "Europe/Zurich", "2026-03-29T00:39:00Z", 3);
        assert_eq!(times, ["03-29T00:40Z", "03-29T01:00Z", "03-29T01:20Z"]);
        // Half an hour is skipped.
        let times = next(
            "15 2 * * *",
            "Australia/Lord_Howe",
            "2026-10-03T12:00:00Z",
            2,
        );
        assert_eq!(times, ["10-03T15:30Z", "10-04T15:15Z"]);
    }

    #[test]
    fn a_time_that_the_clocks_show_twice_is_the_first_of_the_two() {
        // On 25 October 2026 at 01:00 UTC, 03:00 becomes 02:00.
        let times = next("30 2 * * *", "Europe/Zurich", "2026-10-24T12:00:00Z", 2);
        assert_eq!(times, ["10-25T00:30Z", "10-26T01:30Z"]);
        // Also after a start in the second pass.
        let times = next("30 2 * * *", "Europe/Zurich", "2026-10-25T01:10:00Z", 1);
        assert_eq!(times, ["10-26T01:30Z"]);
        let times = next("0 * * * *", "Europe/Zurich", "2026-10-24T23:30:00Z", 3);
        assert_eq!(times, ["10-25T00:00Z", "10-25T02:00Z", "10-25T03:00Z"]);
    }

    #[test]
    fn a_rule_names_the_expression_and_the_zone() {
        let schedule = Schedule::new("0 8 * * MON");
        assert_eq!(schedule.rule(None), "0 8 * * MON UTC");
        assert_eq!(schedule.rule(Some("Asia/Tokyo")), "0 8 * * MON Asia/Tokyo");
    }

    #[test]
    fn a_wrong_schedule_stops_the_start() {
        for wrong in [
            "",
            "8 o'clock",
            "* * * *",
            "0 0 8 * * *",
            "60 8 * * *",
            "0 0 30 2 *",
        ] {
            let made = std::panic::catch_unwind(|| Schedule::new(wrong));
            assert!(made.is_err(), "{wrong}");
        }
    }
}
