//! The module's codes, for the reference of error codes.

use tenantry_core::error::ErrorCode;

/// The error codes of this crate.
pub const ERROR_CODES: &[ErrorCode] = &[
    ErrorCode::new(
        "slug_taken",
        "Another organization has this slug, or had it until lately.",
        "Choose another slug, or leave it out: one is made from the name.",
    ),
    ErrorCode::new(
        "already_member",
        "The person is a member already; the role stays as it is.",
        "Change the role with `PATCH …/members/{member_id}`.",
    ),
    ErrorCode::new(
        "member_not_found",
        "The organization has no member with this id.",
        "Take the id from `GET …/members`.",
    ),
    ErrorCode::new(
        "last_owner",
        "The organization would be left without an active owner. Where an account is to be disabled, `detail` names the organizations.",
        "Make another member an owner first. An operator can disable the account with `force`.",
    ),
    ErrorCode::new(
        "own_account",
        "The account to disable is the operator's own.",
        "Let another superuser do it, or the command line: `tenantry user disable`.",
    ),
    ErrorCode::new(
        "owner_exists",
        "The organization to get an owner has an active one.",
        "Let the owner transfer it: `POST …/transfer`, or `tenantry org transfer`.",
    ),
    ErrorCode::new(
        "organization_limit_reached",
        "The person owns as many organizations as `TENANTRY__ORGANIZATIONS__OWNED_PER_PERSON` allows.",
        "Transfer or delete an organization, or ask the operator to raise the limit.",
    ),
    ErrorCode::new(
        "owner_inactive",
        "The account of the member to become an owner is disabled.",
        "Enable the account, or choose another member.",
    ),
    ErrorCode::new(
        "transfer_to_oneself",
        "The member to become the owner is the caller.",
        "Name another member.",
    ),
    ErrorCode::new(
        "organization_creation_disabled",
        "The deployment is dedicated to one organization.",
        "Only the operator creates it: `tenantry org create`.",
    ),
    ErrorCode::new(
        "dedicated_organization_missing",
        "The one organization of a dedicated deployment is missing or disabled.",
        "The operator creates it (`tenantry org create`) or enables it (`tenantry org enable`).",
    ),
    ErrorCode::new(
        "token_not_found",
        "The caller has no token with this id.",
        "Take the id from `GET /api/tokens`.",
    ),
    ErrorCode::new(
        "too_many_tokens",
        "The caller has 50 tokens for this organization.",
        "Revoke one that is not needed.",
    ),
    ErrorCode::new(
        "seat_limit_reached",
        "The organization has as many members as its limit allows.",
        "Remove a member, or ask the operator to raise the limit.",
    ),
    ErrorCode::new(
        "signup_by_invitation_only",
        "`TENANTRY__AUTH__SIGNUP` is `invitation`, and the signup has no invitation.",
        "Sign up with the secret of an invitation.",
    ),
    ErrorCode::new(
        "confirm_slug_mismatch",
        "`confirm_slug` is not the slug of the organization to be deleted.",
        "Send its slug.",
    ),
    ErrorCode::new(
        "limits_read_only",
        "Settings were patched with limits, which operators set.",
        "Leave `limits` out.",
    ),
    ErrorCode::new(
        "custom_settings_too_large",
        "The settings under `custom` would be larger than 16 KiB of JSON.",
        "Remove keys: set them to `null`.",
    ),
    ErrorCode::new(
        "invitation_not_found",
        "There is no invitation with this id or secret; a secret that was replaced is unknown, too.",
        "Use the newest link, or ask for an invitation.",
    ),
    ErrorCode::new(
        "invitation_expired",
        "The invitation has expired.",
        "Ask for another one.",
    ),
    ErrorCode::new(
        "invitation_revoked",
        "The invitation was revoked or replaced, or its sender may not give this role any more.",
        "Ask for another one.",
    ),
    ErrorCode::new(
        "invitation_declined",
        "The owner of the address declined the invitation.",
        "Send another one, if the person wants to join after all.",
    ),
    ErrorCode::new(
        "invitation_used",
        "The invitation was accepted as often as it could be.",
        "Sign in, if you accepted it; else ask for another one.",
    ),
    ErrorCode::new(
        "invitation_email_mismatch",
        "The invitation is for another e-mail address than the account's.",
        "Sign in with the account that was invited.",
    ),
    ErrorCode::new(
        "invitation_is_link",
        "An invitation link has no address to be sent to again.",
        "Create another link.",
    ),
];
