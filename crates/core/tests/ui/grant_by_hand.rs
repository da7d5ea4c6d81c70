//! Would grant a permission without a check.

use tenantry_core::{
    access::{Actor, Grant},
    id::{OrganizationId, UserId},
};

fn way_out(organization: OrganizationId, user: UserId, grant: Grant<()>) {
    let permission = std::marker::PhantomData;
    let _ = Grant::<()> {
        organization,
        user,
        actor: Actor::system(),
        permission,
    };
    let _ = Grant::<()> {
        organization,
        ..grant
    };
}

fn main() {}
