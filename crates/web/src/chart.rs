//! A line of growth, as a drawing (SVG) that the server makes.

use std::fmt::Write as _;

use tenantry_core::clock::Timestamp;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 160.0;
const MARGIN: f64 = 8.0;

/// More of them could not be seen one by one.
const MOST_POINTS: usize = 320;

/// How many there were at each moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chart {
    /// The points of the line, for `polyline`.
    pub(crate) points: String,
    /// What the drawing shows, in words.
    pub(crate) summary: String,
    /// The first and the last day.
    pub(crate) days: Option<(String, String)>,
    /// The last number.
    pub(crate) last: usize,
}

impl Chart {
    /// The growth of what was created at these moments.
    pub(crate) fn growth(created: &[Timestamp]) -> Self {
        let mut moments: Vec<_> = created.iter().map(Timestamp::timestamp).collect();
        moments.sort_unstable();
        let (Some(&first), Some(&last)) = (moments.first(), moments.last()) else {
            return Self::default();
        };
        let span = (last - first).max(1) as f64;
        let most = moments.len() as f64;
        let mut points = String::new();
        let step = moments.len().div_ceil(MOST_POINTS);
        for (before, &moment) in moments.iter().enumerate() {
            if before % step != 0 && before + 1 != moments.len() {
                continue;
            }
            let x = MARGIN + (moment - first) as f64 / span * (WIDTH - 2.0 * MARGIN);
            let y = HEIGHT - MARGIN - (before + 1) as f64 / most * (HEIGHT - 2.0 * MARGIN);
            write!(points, "{x:.1},{y:.1} ").expect("text grows");
        }
        let day = |seconds: i64| {
            let moment = created.iter().find(|at| at.timestamp() == seconds);
            moment.map_or_else(String::new, |at| at.format("%-d %B %Y").to_string())
        };
        let days = (day(first), day(last));
        Self {
            points: points.trim_end().to_owned(),
            summary: format!(
                "{} organizations, the first created on {}, the last on {}",
                moments.len(),
                days.0,
                days.1
            ),
            days: Some(days),
            last: moments.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_grows_from_left_to_right() {
        let created = [
            "2026-01-03T00:00:00Z",
            "2026-01-01T00:00:00Z",
            "2026-01-02T00:00:00Z",
        ];
        let created = created.map(|at| at.parse().expect("a time"));
        let chart = Chart::growth(&created);
        assert_eq!(chart.points, "8.0,104.0 320.0,56.0 632.0,8.0");
        assert_eq!(chart.last, 3);
        assert_eq!(Chart::growth(&[]).points, "");
        let many = Chart::growth(&[created[0]; 10_000]);
        assert_eq!(many.last, 10_000);
        assert!(many.points.split(' ').count() <= MOST_POINTS + 1);
    }
}
