//! Texts with a known set of readers, searched for in every response.

use std::collections::BTreeSet;

use serde_json::Value;
use tenantry_testkit::{Answer, Backend, TestDatabase};

use super::{
    fixture::{Caller, Fixture},
    writes::{organization_of, user_of},
};
use crate::{
    http::support::{Tables, text},
    support::DOCUMENT,
};

/// Every text in the database that identifies its owner.
pub(super) struct Canaries(Vec<Canary>);

struct Canary {
    text: String,
    column: String,
    readers: Readers,
}

#[derive(Clone, Copy)]
enum Readers {
    /// The members of an organization.
    Members(usize),
    /// A user, and the members of the user's organizations.
    Colleagues(usize),
    /// One user.
    User(usize),
    None,
}

/// Columns whose text is a name defined by the program. Those of enumerations that the document
/// has are found there.
const NAME_COLUMNS: [&str; 6] = [
    "account_links.purpose",
    "event_deliveries.event_name",
    "event_deliveries.listener",
    "event_log.acted_by",
    "event_log.kind",
    "event_log.name",
];

/// Columns that no request fills here: the error of a failed listener, for operators, the slug of
/// a deleted organization of a dedicated deployment, jobs, and what an event of a token or of a change has.
const EMPTY_COLUMNS: [&str; 9] = [
    "event_deliveries.last_error",
    "event_deliveries.unique_key",
    "jobs.acted_by",
    "jobs.name",
    "jobs.payload",
    "jobs.token_name",
    "departed_users.slug",
    "event_log.changes",
    "event_log.token_name",
];

/// Columns without a value in some rows: the system has no name, and only sign-ins have a client.
const OPTIONAL_COLUMNS: [&str; 3] = [
    "event_log.actor_email",
    "event_log.actor_name",
    "event_log.client_program",
];

/// Columns whose text identifies no one: the address that all clients of the tests share, and keys that
/// are only compared.
const SHARED_COLUMNS: [&str; 3] = [
    "event_log.client_address",
    "organizations.sort_key",
    "projects.sort_key",
];

/// Columns whose text is never returned.
const SECRET_COLUMNS: [&str; 10] = [
    "account_links.secret_hash",
    "invitations.mail_hash",
    "api_tokens.secret_hash",
    "invitations.secret_hash",
    "passkeys.public_key",
    "pending_logins.key_hash",
    "recovery_codes.code_hash",
    "sessions.key_hash",
    "totp_factors.sealed_secret",
    "users.password_hash",
];

impl Canaries {
    /// The canaries that the fixture stored: markers in texts, ids and secrets.
    pub(super) fn of(fixture: &Fixture, tables: &Tables) -> Self {
        let mut canaries = Vec::new();
        let mut add = |text: &str, column: &str, readers| {
            canaries.push(Canary {
                text: text.to_lowercase(),
                column: column.to_owned(),
                readers,
            });
        };
        for (at, organization) in fixture.organizations.iter().enumerate() {
            add(&organization.slug, "a text", Readers::Members(at));
        }
        for (at, caller) in fixture.callers.iter().enumerate() {
            add(&caller.marker, "a person", Readers::Colleagues(at));
            let agent = caller.marker.replacen("canary-", "canary-agent-", 1);
            add(&agent, "sessions.user_agent", Readers::User(at));
            if let Some(token) = &caller.token {
                add(token, "a token in clear", Readers::None);
            }
        }
        for (table, row) in tables.rows() {
            let row: Value = serde_json::from_str(row).expect("rows are read as JSON");
            let organization = organization_of(table, &row);
            let organization = fixture
                .organizations
                .iter()
                .position(|known| Some(&*known.id) == organization);
            let user = user_of(table, &row);
            let user = fixture
                .callers
                .iter()
                .position(|caller| Some(&*caller.user) == user);
            let readers = match (organization, user) {
                (Some(organization), _) => Readers::Members(organization),
                (None, Some(user)) if table == "users" => Readers::Colleagues(user),
                (None, Some(user)) => Readers::User(user),
                (None, None) => continue,
            };
            add(&text(&row["id"]), &format!("{table}.id"), readers);
            for secret in SECRET_COLUMNS {
                let (of, column) = secret.split_once('.').expect("a table and a column");
                if of == table {
                    add(&text(&row[column]), secret, Readers::None);
                }
            }
        }
        Self(canaries)
    }

    /// Canaries in a response that its reader may not read. If `all`, only secrets count.
    pub(super) fn leaked(
        &self,
        answer: &Answer,
        reader: &Caller,
        fixture: &Fixture,
        all: bool,
    ) -> Vec<String> {
        let shown = shown(answer);
        let may_read = |readers| match readers {
            Readers::Members(_) | Readers::Colleagues(_) if all => true,
            Readers::Members(organization) => reader.belongs_to(organization),
            Readers::Colleagues(of) => {
                let user = &fixture.callers[of];
                user.user == reader.user || reader.is_colleague_of(user)
            }
            Readers::User(of) => fixture.callers[of].user == reader.user,
            Readers::None => false,
        };
        let leaked = self.0.iter().filter(|canary| !may_read(canary.readers));
        let leaked = leaked.filter(|canary| shown.contains(&canary.text));
        leaked
            .map(|canary| format!("{} ({})", canary.text, canary.column))
            .collect()
    }

    /// Text columns in which a leak would not be detected: a value has no canary, or an
    /// organization has no row.
    pub(super) async fn gaps(&self, fixture: &Fixture, tables: &Tables) -> Vec<String> {
        let mut gaps = Vec::new();
        for column in text_columns(&fixture.setup.database).await {
            let known = [&NAME_COLUMNS[..], &EMPTY_COLUMNS, &SHARED_COLUMNS].concat();
            if known.contains(&&*column) {
                continue;
            }
            let (table, name) = column.split_once('.').expect("a table and a column");
            let words = enumerated(name);
            let rows = tables.rows().filter(|(of, _)| *of == table);
            let rows: Vec<Value> = rows
                .map(|(_, row)| serde_json::from_str(row).expect("JSON"))
                .collect();
            let holds_canary = |row: &Value| -> bool {
                // JSON columns are read as JSON.
                let value = &row[name];
                let held = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                let held = held.to_lowercase();
                self.0.iter().any(|canary| held.contains(&canary.text))
            };
            let is_word = |row: &Value| row[name].as_str().is_some_and(|it| words.contains(it));
            let is_enumeration = !rows.is_empty() && rows.iter().all(is_word);
            let is_optional = OPTIONAL_COLUMNS.contains(&&*column);
            let has_value = |row: &&Value| !(is_optional && row[name].is_null());
            let mut values = rows.iter().filter(has_value).peekable();
            if !is_enumeration && (values.peek().is_none() || !values.all(holds_canary)) {
                gaps.push(format!("{column} holds a value without a canary"));
            }
            let organizations: Vec<_> = rows
                .iter()
                .filter_map(|row| organization_of(table, row))
                .collect();
            let bare = |id: &str| !organizations.is_empty() && !organizations.contains(&id);
            if fixture
                .organizations
                .iter()
                .any(|organization| bare(&organization.id))
            {
                gaps.push(format!("{column} has no row of some organization"));
            }
        }
        gaps
    }
}

/// The words of every enumeration that a property of this name has in the document.
fn enumerated(name: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let schemas = DOCUMENT["components"]["schemas"].as_object();
    for (_, schema) in schemas.into_iter().flatten() {
        collect_words(&schema["properties"][name], &mut words);
    }
    words
}

fn collect_words(schema: &Value, words: &mut BTreeSet<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = DOCUMENT.pointer(reference.trim_start_matches('#'));
        collect_words(target.expect("the target of the reference"), words);
    }
    words.extend(schema["const"].as_str().map(str::to_owned));
    let listed = schema["enum"].as_array().into_iter().flatten();
    words.extend(listed.filter_map(Value::as_str).map(str::to_owned));
    for keyword in ["oneOf", "anyOf"] {
        let schemas = schema[keyword].as_array().into_iter().flatten();
        schemas.for_each(|schema| collect_words(schema, words));
    }
}

/// A page as its reader sees it: without the escapes of HTML.
fn unescaped(text: &str) -> String {
    const ESCAPES: [(&str, &str); 5] = [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ];
    let unescape = |text: String, (escape, plain): (&str, &str)| text.replace(escape, plain);
    ESCAPES.into_iter().fold(text.to_owned(), unescape)
}

/// The headers and the body of a response, lowercased.
fn shown(answer: &Answer) -> String {
    let mut shown = unescaped(&String::from_utf8_lossy(&answer.body));
    for (name, value) in &answer.headers {
        shown.push_str(&format!(
            "\n{name}: {}",
            String::from_utf8_lossy(value.as_bytes())
        ));
    }
    shown.to_lowercase()
}

/// Every text column, as `table.column`.
async fn text_columns(database: &TestDatabase) -> Vec<String> {
    let columns = match database.backend() {
        Backend::Sqlite => {
            "SELECT t.name || '.' || c.name AS name, lower(c.type) AS kind
             FROM sqlite_schema t, pragma_table_info(t.name) c
             WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'"
        }
        Backend::Postgres => {
            "SELECT c.table_name || '.' || c.column_name AS name, c.data_type::text AS kind
             FROM information_schema.columns c JOIN information_schema.tables t
             USING (table_schema, table_name)
             WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'"
        }
    };
    // A type that is not listed here counts as text.
    const OTHERS: [&str; 9] = [
        "bigint",
        "blob",
        "bool",
        "boolean",
        "integer",
        "timestamp with time zone",
        "timestamp_with_timezone_text",
        "uuid",
        "uuid_text",
    ];
    let columns = database.query(columns).await;
    let columns = columns
        .iter()
        .filter(|column| !OTHERS.contains(&&*text(&column["kind"])));
    let columns = columns.map(|column| text(&column["name"]));
    columns
        .filter(|column| !column.starts_with("seaql_migrations."))
        .filter(|column| !column.starts_with("migration_compatibility."))
        .collect()
}
