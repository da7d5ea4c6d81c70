//! What all pages have in common: the head with the picker, the sections and the person's menu.

use std::sync::Arc;

use tenantry_core::{
    access::{Permission as _, Role, SessionCaller, TenantContext},
    value::{Name, Slug},
};
use tenantry_http::Problem;
use tenantry_organizations::{
    MEMBERSHIPS_SHOWN, MyOrganization, Navigation, OrganizationsError, ViewBilling,
};
use tenantry_users::User;

use crate::{
    Brand, Services,
    assets::{ASSETS, Assets, accent_path},
    done::Done,
    when::Dates,
};

/// A part of an organization's pages, in the row of links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Section {
    Home,
    Projects,
    Members,
    Settings,
    Billing,
    AuditLog,
}

impl Section {
    const ALL: [(Self, &'static str, &'static str, Role); 6] = [
        (Self::Home, "Overview", "", Role::Viewer),
        (Self::Projects, "Projects", "/projects", Role::Viewer),
        (Self::Members, "Members", "/members", Role::Viewer),
        (Self::Settings, "Settings", "/settings", Role::Viewer),
        (Self::Billing, "Billing", "/billing", ViewBilling::MIN_ROLE),
        (Self::AuditLog, "Audit log", "/audit-log", Role::Admin),
    ];
}

/// A link in the row of sections.
pub(crate) struct SectionLink {
    pub(crate) label: &'static str,
    pub(crate) path: String,
    pub(crate) is_current: bool,
}

/// The head of a page.
pub(crate) struct Frame {
    pub(crate) brand: Arc<Brand>,
    pub(crate) assets: &'static Assets,
    /// Who is signed in.
    pub(crate) person: Option<Person>,
    /// The organization of the page.
    pub(crate) organization: Option<PageOrganization>,
    /// What the picker shows.
    pub(crate) picked: Option<Name>,
    /// Whether people can have several organizations.
    pub(crate) has_picker: bool,
    /// Whether it is a page for operators.
    pub(crate) is_admin: bool,
    /// The tables of modules, for operators: name and title.
    pub(crate) tables: Vec<(&'static str, &'static str)>,
    pub(crate) done: Option<Done>,
    pub(crate) dates: Dates,
}

/// The person in the head.
pub(crate) struct Person {
    pub(crate) name: Name,
    pub(crate) email: String,
    pub(crate) is_operator: bool,
    /// The person's oldest organizations.
    pub(crate) organizations: Vec<MyOrganization>,
    pub(crate) has_more: bool,
}

/// The organization that a page belongs to.
pub(crate) struct PageOrganization {
    pub(crate) name: Name,
    pub(crate) slug: Slug,
    pub(crate) role: Role,
    section: Section,
}

impl PageOrganization {
    pub(crate) fn path(&self) -> String {
        format!("/o/{}", self.slug)
    }

    /// The sections that the role may see.
    pub(crate) fn sections(&self) -> Vec<SectionLink> {
        let all = Section::ALL.into_iter();
        let visible = all.filter(|(_, _, _, lowest)| self.role >= *lowest);
        visible
            .map(|(section, label, path, _)| SectionLink {
                label,
                path: format!("/o/{}{path}", self.slug),
                is_current: section == self.section,
            })
            .collect()
    }
}

impl Frame {
    /// For a person who is not signed in.
    pub(crate) fn public(web: &Services, done: Option<Done>) -> Self {
        Self {
            brand: Arc::clone(&web.brand),
            assets: &ASSETS,
            person: None,
            organization: None,
            picked: None,
            has_picker: false,
            is_admin: false,
            tables: Vec::new(),
            done,
            dates: Dates::utc(),
        }
    }

    /// For a page of a person.
    pub(crate) async fn personal(
        web: &Services,
        caller: &SessionCaller,
        done: Option<Done>,
    ) -> Result<Self, Problem> {
        let service = &web.organizations.organizations;
        let navigation = service.navigation(caller, None).await?;
        Ok(Self::of(web, navigation, None, done))
    }

    /// For a page of operators.
    pub(crate) async fn admin(
        web: &Services,
        caller: &SessionCaller,
        done: Option<Done>,
    ) -> Result<Self, OrganizationsError> {
        let service = &web.organizations.organizations;
        let navigation = service.navigation(caller, None).await?;
        let tables = web.tables.iter();
        Ok(Self {
            is_admin: true,
            tables: tables.map(|table| (table.name(), table.title())).collect(),
            ..Self::of(web, navigation, None, done)
        })
    }

    /// For a page of an organization.
    pub(crate) async fn tenant(
        web: &Services,
        caller: &SessionCaller,
        ctx: &TenantContext,
        section: Section,
        done: Option<Done>,
    ) -> Result<Self, Problem> {
        let service = &web.organizations.organizations;
        let navigation = service.navigation(caller, Some(ctx)).await?;
        Ok(Self::of(web, navigation, Some((ctx.role(), section)), done))
    }

    /// For the direct answer of a form that signed a person in.
    pub(crate) async fn of_new_session(web: &Services, user: User) -> Result<Self, Problem> {
        let members = &web.organizations.members;
        let organizations = members.organizations_of(user.id).await?;
        let navigation = Navigation {
            has_more: organizations.len() == MEMBERSHIPS_SHOWN,
            organizations,
            current: None,
            selected: None,
            is_operator: user.is_staff || user.is_superuser,
            name: user.name,
            email: user.email,
        };
        Ok(Self::of(web, navigation, None, None))
    }

    fn of(
        web: &Services,
        navigation: Navigation,
        place: Option<(Role, Section)>,
        done: Option<Done>,
    ) -> Self {
        let dates = navigation.current.as_ref();
        let dates = dates.map_or_else(Dates::utc, |current| Dates::of(&current.timezone));
        let picked = navigation.current.as_ref().map(|current| &current.name);
        let picked = picked.or(navigation.selected.as_ref()).cloned();
        let organization = navigation.current.zip(place);
        let organization = organization.map(|(current, (role, section))| PageOrganization {
            name: current.name,
            slug: current.slug,
            role,
            section,
        });
        Self {
            person: Some(Person {
                name: navigation.name,
                email: navigation.email.to_string(),
                is_operator: navigation.is_operator,
                organizations: navigation.organizations,
                has_more: navigation.has_more,
            }),
            organization,
            picked,
            has_picker: web.deployment.multi_org_enabled(),
            dates,
            ..Self::public(web, done)
        }
    }

    /// The address of the page's organization.
    pub(crate) fn organization_path(&self) -> String {
        let organization = self.organization.as_ref();
        organization.map_or_else(String::new, PageOrganization::path)
    }

    /// The style sheet with the colour.
    pub(crate) fn accent(&self) -> String {
        accent_path(self.brand.accent)
    }
}
