//! The order of the report, as in addresses: a column, with `-` before it for the largest first.

use std::fmt;

use tenantry_core::value::InvalidText;
use tenantry_organizations::{ReportColumn, ReportOrder};

/// An order of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ReportSort(pub(super) ReportOrder);

/// The columns, in the order of the table: what stands in addresses, and what people read.
const COLUMNS: [(ReportColumn, &str, &str); 7] = [
    (ReportColumn::Name, "name", "Organization"),
    (ReportColumn::Slug, "slug", "Slug"),
    (ReportColumn::State, "state", "State"),
    (ReportColumn::Members, "members", "Members"),
    (ReportColumn::Projects, "projects", "Projects"),
    (ReportColumn::Created, "created", "Created"),
    (ReportColumn::LastActivity, "last_activity", "Last activity"),
];

impl std::str::FromStr for ReportSort {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let (is_descending, name) = match text.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, text),
        };
        let column = COLUMNS.into_iter().find(|(_, known, _)| *known == name);
        let (column, ..) = column.ok_or(InvalidText("must be a column of the report"))?;
        Ok(Self(ReportOrder {
            column,
            is_descending,
        }))
    }
}

impl fmt::Display for ReportSort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let column = COLUMNS.iter().find(|(column, ..)| *column == self.0.column);
        let name = column.map_or("", |(_, name, _)| *name);
        write!(f, "{}{name}", if self.0.is_descending { "-" } else { "" })
    }
}

tenantry_core::text_field!(ReportSort, {});

/// The heading of a column, with the address that sorts by it.
pub(super) struct Heading {
    pub(super) label: &'static str,
    pub(super) address: String,
    pub(super) is_number: bool,
    /// For `aria-sort`, if the report is sorted by the column.
    pub(super) sorted: Option<&'static str>,
}

/// The headings, for a report in that order.
pub(super) fn headings(sort: Option<ReportSort>) -> Vec<Heading> {
    let heading = |(column, name, label): (ReportColumn, &str, &'static str)| {
        let current = sort.filter(|sort| sort.0.column == column);
        let is_number = matches!(column, ReportColumn::Members | ReportColumn::Projects);
        // Of numbers and times people look for the largest first.
        let starts_with_largest =
            is_number || matches!(column, ReportColumn::Created | ReportColumn::LastActivity);
        let is_descending = current.map_or(starts_with_largest, |sort| !sort.0.is_descending);
        let sign = if is_descending { "-" } else { "" };
        Heading {
            label,
            address: format!("/admin/report?sort={sign}{name}"),
            is_number,
            sorted: current.map(|sort| match sort.0.is_descending {
                true => "descending",
                false => "ascending",
            }),
        }
    };
    COLUMNS.into_iter().map(heading).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_read_in_both_directions() {
        for (_, name, _) in COLUMNS {
            for text in [name.to_owned(), format!("-{name}")] {
                let sort: ReportSort = text.parse().expect("known");
                assert_eq!(sort.to_string(), text);
            }
        }
        for unknown in ["", "-", "--name", "names", "Name"] {
            assert!(unknown.parse::<ReportSort>().is_err(), "{unknown:?}");
        }
    }

    #[test]
    fn the_heading_of_the_sorted_column_turns_the_order() {
        let sort = "-members".parse().expect("known");
        let all = headings(Some(sort));
        let members = &all[3];
        assert_eq!(members.sorted, Some("descending"));
        assert_eq!(members.address, "/admin/report?sort=members");
        assert_eq!(all[0].address, "/admin/report?sort=name");
        assert_eq!(all[4].address, "/admin/report?sort=-projects");
    }
}
