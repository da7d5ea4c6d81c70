//! The deployment mode: SaaS or dedicated.

use tenantry_core::{deployment::Deployment, value::Slug};

use super::{
    catalog::{DEDICATED_ORG_SLUG, DEPLOYMENT_MODE},
    reader::SettingsReader,
};

pub(super) fn read(reader: &mut SettingsReader<'_>) -> Option<Deployment> {
    let dedicated = reader.value(&DEPLOYMENT_MODE, |text| match text {
        "saas" => Ok(false),
        "dedicated" => Ok(true),
        _ => Err("must be saas or dedicated"),
    });
    let organization = reader.optional(&DEDICATED_ORG_SLUG, str::parse::<Slug>);
    match (dedicated?, organization?) {
        (false, found) => {
            if found.is_some() {
                let problem =
                    "has no effect without DEPLOYMENT_MODE=dedicated; set it, or remove this";
                reader.warn(&DEDICATED_ORG_SLUG, problem);
            }
            Some(Deployment::Saas)
        }
        (true, Some(organization)) => Some(Deployment::Dedicated { organization }),
        (true, None) => {
            reader.error(
                &DEDICATED_ORG_SLUG,
                "is required with DEPLOYMENT_MODE=dedicated: the slug of the one organization",
            );
            None
        }
    }
}
