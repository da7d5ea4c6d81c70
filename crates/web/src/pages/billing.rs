//! The plan of an organization, its limits and its use.

use actix_web::web;
use askama::Template;
use tenantry_core::access::{SessionCaller, TenantContext};
use tenantry_http::{Access, Authorized, LenientQuery, Routes};
use tenantry_organizations::{Billing, Plan, Usage, ViewBilling};

use crate::{
    Services,
    frame::{Frame, Section},
    html::{Answer, Reply},
    page_query::PageQuery,
};

pub(super) fn routes() -> Routes {
    const VIEW: Access = Access::slug_organization::<ViewBilling>();
    Routes::new().page("/o/{slug}/billing", VIEW, show)
}

#[derive(Template)]
#[template(path = "billing.html")]
struct BillingPage {
    frame: Frame,
    billing: Billing,
}

impl BillingPage {
    const fn bars(&self) -> [(&'static str, &'static str, Usage); 2] {
        [
            ("seats", "Members", self.billing.seats),
            ("projects", "Projects", self.billing.projects),
        ]
    }
}

async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(PageQuery { .. }): LenientQuery<PageQuery>,
) -> Answer {
    let billing = web.organizations.billing.billing(&ctx).await?;
    let frame = Frame::tenant(&web, &caller, &ctx, Section::Billing, None).await?;
    Reply::page(&BillingPage { frame, billing })
}

fn is_reached(usage: &Usage) -> bool {
    usage
        .allowed
        .is_some_and(|allowed| usage.used >= u64::from(allowed))
}
