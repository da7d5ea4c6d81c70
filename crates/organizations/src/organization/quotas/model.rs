//! The limits that operators set.

use schemars::JsonSchema;
use serde::Serialize;
use tenantry_core::{
    input::{InputField, Json, ValidationErrors},
    quota::QuotaKey,
    value_schema,
};

/// The quota of members.
pub(crate) const SEATS: QuotaKey = QuotaKey::new("seats");

/// The quota of projects: its name is part of the wire contract.
pub(crate) const PROJECTS: QuotaKey = QuotaKey::new("projects");

/// The limits of an organization; `null` stands for no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OrganizationLimits {
    /// The maximum number of members.
    pub seats: Option<u32>,
    /// The maximum number of projects.
    pub projects: Option<u32>,
}

/// A limit that fits the database's column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxCount(u32);

impl MaxCount {
    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

const RULE: &str = "must be a whole number from 0 to 2147483647";

value_schema!(inline MaxCount, { "type": "integer", "minimum": 0, "maximum": i32::MAX });

impl TryFrom<u32> for MaxCount {
    type Error = &'static str;

    fn try_from(number: u32) -> Result<Self, Self::Error> {
        i32::try_from(number).map_err(|_| RULE)?;
        Ok(Self(number))
    }
}

impl std::str::FromStr for MaxCount {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<u32>().map_err(|_| RULE)?.try_into()
    }
}

impl InputField for MaxCount {
    fn parse(value: Json) -> Result<Self, ValidationErrors> {
        let number = u32::parse(value).map_err(|_| ValidationErrors::new(RULE))?;
        number
            .try_into()
            .map_err(|rule: &str| ValidationErrors::new(rule))
    }

    fn parse_text(text: &str) -> Result<Self, ValidationErrors> {
        text.parse()
            .map_err(|rule: &str| ValidationErrors::new(rule))
    }
}
