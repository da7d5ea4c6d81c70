//! The list of members.

use actix_web::web;
use askama::Template;
use tenantry_core::{
    access::{Role, SessionCaller, TenantContext},
    page::PageRequest,
    request,
    value::SearchText,
};
use tenantry_http::{Authorized, LenientQuery};
use tenantry_organizations::{InviteMembers, Member, MembersFilter};

use crate::{
    Services,
    done::Done,
    fields::{Filled, Lenient},
    frame::{Frame, Section},
    html::{Answer, Reply},
    paging::Paging,
};

request! {
    /// Which members to show. An empty field is no filter.
    pub(super) struct ListQuery {
        /// Only those whose name or address contains this text.
        q: Option<Filled<SearchText>>,
        /// Only those with this role.
        role: Option<Filled<Role>>,
        /// Only those with an active account, or with a disabled one.
        is_active: Option<Filled<bool>>,
        /// The cursor of the previous page.
        cursor: Option<String>,
        /// What a form did.
        done: Lenient<Done>,
    }
}

/// A member in the list.
struct Row {
    member: Member,
    is_self: bool,
    may_manage: bool,
}

#[derive(Template)]
#[template(path = "members/list.html")]
struct ListPage {
    frame: Frame,
    path: String,
    rows: Vec<Row>,
    wanted: MembersFilter,
    may_invite: bool,
    paging: Paging,
}

impl ListPage {
    fn search(&self) -> &str {
        self.wanted.text.as_deref().unwrap_or_default()
    }

    fn is_filtered(&self) -> bool {
        let MembersFilter {
            text,
            role,
            is_active,
        } = &self.wanted;
        text.is_some() || role.is_some() || is_active.is_some()
    }
}

pub(super) async fn show(
    web: web::Data<Services>,
    Authorized(ctx): Authorized<TenantContext>,
    Authorized(caller): Authorized<SessionCaller>,
    LenientQuery(query): LenientQuery<ListQuery>,
) -> Answer {
    let wanted = MembersFilter {
        text: query.q.and_then(|text| text.0).map(SearchText::into_text),
        role: query.role.and_then(|role| role.0),
        is_active: query.is_active.and_then(|is_active| is_active.0),
    };
    let request = PageRequest {
        cursor: query.cursor,
        ..PageRequest::default()
    };
    let members = &web.organizations.members;
    let page = members.search(&ctx, &wanted, &request).await?;
    let frame = Frame::tenant(&web, &caller, &ctx, Section::Members, query.done.0).await?;
    let path = format!("{}/members", frame.organization_path());
    let filters = [
        ("q", wanted.text.as_deref().unwrap_or_default()),
        ("role", wanted.role.map_or("", Role::as_str)),
        ("is_active", wanted.is_active.map_or("", word)),
    ];
    let next = page.next_cursor.as_deref();
    let paging = Paging::new(&path, &filters, &request, next);
    let rows = page.items.into_iter().map(|member| Row {
        is_self: member.user == ctx.user(),
        may_manage: member.is_manageable_by(&ctx),
        member,
    });
    Reply::page(&ListPage {
        frame,
        path,
        rows: rows.collect(),
        wanted,
        may_invite: ctx.require::<InviteMembers>().is_ok(),
        paging,
    })
}

const fn word(is_active: bool) -> &'static str {
    if is_active { "true" } else { "false" }
}
