//! The catalog of all settings.

/// How the variables begin that no other program has.
pub(super) const PREFIX: &str = "TENANTRY__";

/// Whether a variable is one of ours.
pub(super) fn is_ours(variable: &str) -> bool {
    let name = variable.strip_suffix("_FILE").unwrap_or(variable);
    let is_listed = |listed: &str| listed == variable || listed == name;
    name.starts_with(PREFIX) || ALL.iter().any(|setting| is_listed(setting.variable))
}

/// One setting: its names and its default.
#[derive(Debug)]
pub struct Setting {
    /// The environment variable.
    pub variable: &'static str,
    /// The key in `tenantry.toml`, as `section.key`.
    pub key: &'static str,
    /// The default; without one the setting may stay empty, or is required.
    pub default: Option<&'static str>,
    /// How much of the value may be shown.
    pub secrecy: Secrecy,
}

/// How much of a value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrecy {
    /// All of it.
    Open,
    /// All of it but passwords: the address of a database or of a mail server.
    Address,
    /// Nothing.
    Secret,
}

impl Setting {
    const fn new(variable: &'static str, key: &'static str) -> Self {
        Self {
            variable,
            key,
            default: None,
            secrecy: Secrecy::Open,
        }
    }

    const fn or(mut self, default: &'static str) -> Self {
        self.default = Some(default);
        self
    }

    const fn holding(mut self, secrecy: Secrecy) -> Self {
        self.secrecy = secrecy;
        self
    }

    /// Whether the value may come from a file that `<variable>_FILE` names.
    #[must_use]
    pub const fn may_be_in_a_file(&self) -> bool {
        !matches!(self.secrecy, Secrecy::Open)
    }

    /// The variable that names the file with the value.
    #[must_use]
    pub fn file_variable(&self) -> String {
        format!("{}_FILE", self.variable)
    }

    /// The key that names the file with the value.
    #[must_use]
    pub fn file_key(&self) -> String {
        format!("{}_file", self.key)
    }
}

macro_rules! catalog {
    ($($name:ident = $setting:expr;)*) => {
        $(pub(crate) const $name: Setting = $setting;)*

        /// Every setting, in the order in which they are shown.
        pub const ALL: &[Setting] = &[$($name),*];
    };
}

catalog! {
    DATABASE_URL = Setting::new("DATABASE_URL", "database.url")
        .or("sqlite://tenantry.db?mode=rwc")
        .holding(Secrecy::Address);
    MIGRATION_URL = Setting::new("TENANTRY__DATABASE__MIGRATION_URL", "database.migration_url")
        .holding(Secrecy::Address);
    MIGRATE_ON_START =
        Setting::new("TENANTRY__DATABASE__MIGRATE_ON_START", "database.migrate_on_start")
            .or("false");
    CONNECTIONS =
        Setting::new("TENANTRY__DATABASE__CONNECTIONS", "database.connections").or("2");
    LOCK_SECONDS =
        Setting::new("TENANTRY__DATABASE__LOCK_SECONDS", "database.lock_seconds").or("3");
    STATEMENT_SECONDS =
        Setting::new("TENANTRY__DATABASE__STATEMENT_SECONDS", "database.statement_seconds")
            .or("10");
    IDLE_TRANSACTION_SECONDS = Setting::new(
        "TENANTRY__DATABASE__IDLE_TRANSACTION_SECONDS",
        "database.idle_transaction_seconds",
    )
    .or("2");
    DEPLOYMENT_MODE = Setting::new("DEPLOYMENT_MODE", "deployment.mode").or("saas");
    DEDICATED_ORG_SLUG = Setting::new("DEDICATED_ORG_SLUG", "deployment.dedicated_org_slug");
    JOIN_ROLE = Setting::new("TENANTRY__DEDICATED__JOIN_ROLE", "dedicated.join_role").or("member");
    SLUG_QUARANTINE_DAYS = Setting::new(
        "TENANTRY__ORGANIZATIONS__SLUG_QUARANTINE_DAYS",
        "organizations.slug_quarantine_days",
    )
    .or("90");
    OWNED_PER_PERSON = Setting::new(
        "TENANTRY__ORGANIZATIONS__OWNED_PER_PERSON",
        "organizations.owned_per_person",
    )
    .or("100");
    HOST = Setting::new("TENANTRY__SERVER__HOST", "server.host").or("127.0.0.1");
    PORT = Setting::new("TENANTRY__SERVER__PORT", "server.port").or("8080");
    PUBLIC_URL = Setting::new("TENANTRY__SERVER__PUBLIC_URL", "server.public_url");
    TRUSTED_PROXIES =
        Setting::new("TENANTRY__SERVER__TRUSTED_PROXIES", "server.trusted_proxies");
    CORS_ORIGINS = Setting::new("TENANTRY__SERVER__CORS_ORIGINS", "server.cors_origins");
    DRAIN_SECONDS =
        Setting::new("TENANTRY__SERVER__DRAIN_SECONDS", "server.drain_seconds").or("0");
    WORKERS = Setting::new("TENANTRY__SERVER__WORKERS", "server.workers");
    SESSION_SECRET = Setting::new("TENANTRY__SESSION__SECRET", "session.secret")
        .holding(Secrecy::Secret);
    IDLE_DAYS = Setting::new("TENANTRY__SESSION__IDLE_DAYS", "session.idle_days").or("7");
    ABSOLUTE_DAYS =
        Setting::new("TENANTRY__SESSION__ABSOLUTE_DAYS", "session.absolute_days").or("30");
    SIGNUP = Setting::new("TENANTRY__AUTH__SIGNUP", "auth.signup").or("open");
    EMAIL_VERIFICATION =
        Setting::new("TENANTRY__AUTH__EMAIL_VERIFICATION", "auth.email_verification").or("off");
    MAIL_URL =
        Setting::new("TENANTRY__MAIL__URL", "mail.url").or("log:").holding(Secrecy::Address);
    MAIL_FROM = Setting::new("TENANTRY__MAIL__FROM", "mail.from");
    BODY_BYTES = Setting::new("TENANTRY__LIMITS__BODY_BYTES", "limits.body_bytes").or("65536");
    HEADER_SECONDS =
        Setting::new("TENANTRY__LIMITS__HEADER_SECONDS", "limits.header_seconds").or("5");
    REQUEST_SECONDS =
        Setting::new("TENANTRY__LIMITS__REQUEST_SECONDS", "limits.request_seconds").or("15");
    IDLE_SECONDS = Setting::new("TENANTRY__LIMITS__IDLE_SECONDS", "limits.idle_seconds").or("10");
    CONNECTIONS_OPEN =
        Setting::new("TENANTRY__LIMITS__CONNECTIONS", "limits.connections").or("4096");
    CONNECTIONS_ADDRESS = Setting::new(
        "TENANTRY__LIMITS__CONNECTIONS_ADDRESS",
        "limits.connections_address",
    )
    .or("512");
    REQUESTS_AT_ONCE =
        Setting::new("TENANTRY__LIMITS__REQUESTS_AT_ONCE", "limits.requests_at_once").or("256");
    REQUESTS_AT_ONCE_ORGANIZATION = Setting::new(
        "TENANTRY__LIMITS__REQUESTS_AT_ONCE_ORGANIZATION",
        "limits.requests_at_once_organization",
    )
    .or("128");
    LOGIN_PER_MINUTE =
        Setting::new("TENANTRY__LIMITS__LOGIN_PER_MINUTE", "limits.login_per_minute").or("10");
    LOGIN_PER_HOUR_ACCOUNT = Setting::new(
        "TENANTRY__LIMITS__LOGIN_PER_HOUR_ACCOUNT",
        "limits.login_per_hour_account",
    )
    .or("100");
    SIGNUP_PER_MINUTE =
        Setting::new("TENANTRY__LIMITS__SIGNUP_PER_MINUTE", "limits.signup_per_minute").or("10");
    INVITATIONS_PER_HOUR =
        Setting::new("TENANTRY__LIMITS__INVITATIONS_PER_HOUR", "limits.invitations_per_hour")
            .or("100");
    MAILS_PER_HOUR =
        Setting::new("TENANTRY__LIMITS__MAILS_PER_HOUR", "limits.mails_per_hour").or("5");
    REQUESTS_PER_MINUTE_CALLER = Setting::new(
        "TENANTRY__LIMITS__REQUESTS_PER_MINUTE_CALLER",
        "limits.requests_per_minute_caller",
    )
    .or("3000");
    REQUESTS_PER_MINUTE_ORGANIZATION = Setting::new(
        "TENANTRY__LIMITS__REQUESTS_PER_MINUTE_ORGANIZATION",
        "limits.requests_per_minute_organization",
    )
    .or("30000");
    KEEP_AUDIT_DAYS =
        Setting::new("TENANTRY__EVENTS__KEEP_AUDIT_DAYS", "events.keep_audit_days").or("0");
    KEEP_ACCESS_DAYS =
        Setting::new("TENANTRY__EVENTS__KEEP_ACCESS_DAYS", "events.keep_access_days").or("90");
    KEEP_DEAD_DAYS =
        Setting::new("TENANTRY__EVENTS__KEEP_DEAD_DAYS", "events.keep_dead_days").or("30");
    ACCESS_SECONDS =
        Setting::new("TENANTRY__EVENTS__ACCESS_SECONDS", "events.access_seconds").or("60");
    WEB_NAME = Setting::new("TENANTRY__WEB__NAME", "web.name").or("Tenantry");
    WEB_ACCENT = Setting::new("TENANTRY__WEB__ACCENT", "web.accent").or("#1f5fbf");
    FIRST_PROJECT = Setting::new("TENANTRY__PROJECTS__FIRST", "projects.first");
    ARCHIVE_AFTER_DAYS = Setting::new(
        "TENANTRY__PROJECTS__ARCHIVE_AFTER_DAYS",
        "projects.archive_after_days",
    )
    .or("0");
    NATS_URL = Setting::new("TENANTRY__EVENTS__NATS_URL", "events.nats_url")
        .holding(Secrecy::Secret);
    NATS_STREAM =
        Setting::new("TENANTRY__EVENTS__NATS_STREAM", "events.nats_stream").or("TENANTRY");
    NATS_PREFIX =
        Setting::new("TENANTRY__EVENTS__NATS_PREFIX", "events.nats_prefix").or("tenantry");
    METRICS_HOST =
        Setting::new("TENANTRY__METRICS__HOST", "metrics.host").or("127.0.0.1");
    METRICS_PORT = Setting::new("TENANTRY__METRICS__PORT", "metrics.port");
    OTEL_ENDPOINT = Setting::new("TENANTRY__OTEL__ENDPOINT", "otel.endpoint");
    LOG_FORMAT = Setting::new("TENANTRY__LOG__FORMAT", "log.format");
    LOG_FILTER = Setting::new("RUST_LOG", "log.filter");
}
