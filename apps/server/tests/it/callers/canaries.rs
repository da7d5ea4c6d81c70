//! Texts that only some may read, looked for in every answer.

use serde_json::Value;
use tenantry_testkit::{Answer, Backend, TestDatabase};

use super::{
    cast::{Caller, Cast},
    written::{organization_of, person_of},
};
use crate::http::support::{Tables, text};

/// Everything in the database that tells whose it is.
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
    /// A person, and the members of the organizations that he belongs to.
    Colleagues(usize),
    /// A person.
    Oneself(usize),
    Nobody,
}

/// Columns whose text is one of a few words of the program's own.
const WORDS: [&str; 7] = [
    "invitations.role",
    "organization_members.role",
    "projects.status",
    "event_deliveries.event_name",
    "event_deliveries.listener",
    "event_log.kind",
    "event_log.name",
];

/// Columns that no request fills: what went wrong in a listener, for operators.
const UNFILLED: [&str; 1] = ["event_deliveries.last_error"];

/// Columns whose text nobody ever reads.
const SECRETS: [&str; 4] = [
    "api_tokens.secret_hash",
    "invitations.secret_hash",
    "sessions.key_hash",
    "users.password_hash",
];

impl Canaries {
    /// Those that the cast brought into the database: the words in its texts, its ids and its
    /// secrets.
    pub(super) fn of(cast: &Cast, tables: &Tables) -> Self {
        let mut canaries = Vec::new();
        let mut add = |text: &str, column: &str, readers| {
            canaries.push(Canary {
                text: text.to_lowercase(),
                column: column.to_owned(),
                readers,
            });
        };
        for (at, place) in cast.places.iter().enumerate() {
            add(&place.slug, "a text", Readers::Members(at));
        }
        for (at, caller) in cast.callers.iter().enumerate() {
            add(&caller.word, "a text", Readers::Colleagues(at));
            let agent = caller.word.replacen("canary-", "canary-agent-", 1);
            add(&agent, "sessions.user_agent", Readers::Oneself(at));
            if let Some(token) = &caller.token {
                add(token, "a token in clear", Readers::Nobody);
            }
        }
        for (table, row) in tables.rows() {
            let row: Value = serde_json::from_str(row).expect("rows are read as JSON");
            let organization = organization_of(table, &row);
            let place = cast
                .places
                .iter()
                .position(|place| Some(&*place.id) == organization);
            let person = person_of(table, &row);
            let person = cast
                .callers
                .iter()
                .position(|caller| Some(&*caller.user) == person);
            let readers = match (place, person) {
                (Some(place), _) => Readers::Members(place),
                (None, Some(person)) if table == "users" => Readers::Colleagues(person),
                (None, Some(person)) => Readers::Oneself(person),
                (None, None) => continue,
            };
            add(&text(&row["id"]), &format!("{table}.id"), readers);
            for secret in SECRETS {
                let (of, column) = secret.split_once('.').expect("a table and a column");
                if of == table {
                    add(&text(&row[column]), secret, Readers::Nobody);
                }
            }
        }
        Self(canaries)
    }

    /// What an answer shows that its reader may not read. Where he may see all, secrets are left.
    pub(super) fn leaked(
        &self,
        answer: &Answer,
        reader: &Caller,
        cast: &Cast,
        all: bool,
    ) -> Vec<String> {
        let shown = shown(answer);
        let may_read = |readers| match readers {
            Readers::Members(_) | Readers::Colleagues(_) if all => true,
            Readers::Members(place) => reader.belongs_to(place),
            Readers::Colleagues(of) => {
                let person = &cast.callers[of];
                person.user == reader.user || reader.is_colleague_of(person)
            }
            Readers::Oneself(of) => cast.callers[of].user == reader.user,
            Readers::Nobody => false,
        };
        let leaked = self.0.iter().filter(|canary| !may_read(canary.readers));
        let leaked = leaked.filter(|canary| shown.contains(&canary.text));
        leaked
            .map(|canary| format!("{} ({})", canary.text, canary.column))
            .collect()
    }

    /// Where a leak would not be seen: text columns with a value that holds no canary, or with
    /// no row of some organization.
    pub(super) async fn gaps(&self, cast: &Cast, tables: &Tables) -> Vec<String> {
        let mut gaps = Vec::new();
        for column in text_columns(&cast.setup.database).await {
            if WORDS.contains(&&*column) || UNFILLED.contains(&&*column) {
                continue;
            }
            let (table, name) = column.split_once('.').expect("a table and a column");
            let rows = tables.rows().filter(|(of, _)| *of == table);
            let rows: Vec<Value> = rows
                .map(|(_, row)| serde_json::from_str(row).expect("JSON"))
                .collect();
            let holds_canary = |row: &Value| {
                // A column of JSON is read as JSON.
                let value = &row[name];
                let held = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                let held = held.to_lowercase();
                self.0.iter().any(|canary| held.contains(&canary.text))
            };
            if rows.is_empty() || !rows.iter().all(holds_canary) {
                gaps.push(format!("{column} holds a value without a canary"));
            }
            let organizations: Vec<_> = rows
                .iter()
                .filter_map(|row| organization_of(table, row))
                .collect();
            let bare = |id: &str| !organizations.is_empty() && !organizations.contains(&id);
            if cast.places.iter().any(|place| bare(&place.id)) {
                gaps.push(format!("{column} holds nothing of some organization"));
            }
        }
        gaps
    }
}

/// The headers and the body of an answer.
fn shown(answer: &Answer) -> String {
    let mut shown = String::from_utf8_lossy(&answer.body).into_owned();
    for (name, value) in &answer.headers {
        shown.push_str(&format!(
            "\n{name}: {}",
            String::from_utf8_lossy(value.as_bytes())
        ));
    }
    shown.to_lowercase()
}

/// Every column of ours that holds text, as `table.column`.
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
    // Whatever is not known to hold no text counts as text.
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
        .collect()
}
