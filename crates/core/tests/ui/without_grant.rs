//! Would open the rows of an organization without a check of membership.

use tenantry_core::{
    access::TenantContext,
    db::{Database, UnitOfWork},
    id::OrganizationId,
};

fn way_out(db: &Database, work: &mut UnitOfWork, id: OrganizationId, ctx: &TenantContext) {
    let _ = db.read();
    let _ = db.read(&id);
    let _ = db.read(ctx);
    let _ = work.tenant(&id);
    let _ = work.tenant(ctx);
}

fn main() {}
