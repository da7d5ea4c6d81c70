//! Records the SQL statements that a future sends.

use std::{
    collections::BTreeSet,
    fs::File,
    io::Write as _,
    path::Path,
    sync::{Arc, Mutex, Once},
};

use tracing::{
    Event, Instrument as _, Metadata, Subscriber,
    field::{Field, Visit},
    span,
    subscriber::Interest,
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt as _},
    registry::LookupSpan,
};

/// The name of the span whose statements are recorded.
const SPAN: &str = "tenantry_testkit_statements";

type Recorded = Arc<Mutex<Vec<String>>>;

/// Runs the future, and returns its output with the text of every statement that it sent, in order.
///
/// Works on both databases, across threads, and concurrently with other tests. It installs the
/// process's tracing subscriber.
///
/// # Panics
/// When the process has another subscriber already.
pub async fn statements<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let recorder = Registry::default().with(StatementRecorder);
        tracing::subscriber::set_global_default(recorder).expect("no other subscriber");
    });
    let recorded = Recorded::default();
    let index = {
        let mut current = CURRENT.lock().expect("not poisoned");
        current.push(Arc::clone(&recorded));
        current.len() - 1
    };
    let span = tracing::info_span!(SPAN, index);
    let output = work.instrument(span).await;
    let statements = recorded.lock().expect("not poisoned").clone();
    (output, statements)
}

/// The lists by index: a span can hold a number but no list.
static CURRENT: Mutex<Vec<Recorded>> = Mutex::new(Vec::new());

/// Appends every statement of this process to a file from now on, each once, as a line of JSON. It
/// installs the process's tracing subscriber, so [`statements`] can't be used beside it.
///
/// # Panics
/// When the file can't be opened.
pub fn record_statements(file: &Path) {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let opened = File::options().create(true).append(true).open(file);
        let file = Mutex::new((BTreeSet::new(), opened.expect("a writable folder")));
        let recorder = Registry::default().with(FileRecorder(file));
        tracing::subscriber::set_global_default(recorder).expect("no other subscriber");
    });
}

struct FileRecorder(Mutex<(BTreeSet<String>, File)>);

impl<S> Layer<S> for FileRecorder
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        const KINDS: [&str; 5] = ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"];
        let mut statement = Statement::default();
        event.record(&mut statement);
        let text = statement.text();
        if !KINDS.iter().any(|kind| text.starts_with(kind)) {
            return;
        }
        let mut recorded = self.0.lock().expect("not poisoned");
        let (known, file) = &mut *recorded;
        if known.insert(text.clone()) {
            writeln!(file, "{}", serde_json::Value::String(text)).expect("a writable folder");
        }
    }
}

struct StatementRecorder;

impl<S> Layer<S> for StatementRecorder
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.name() == SPAN || metadata.target() == "sqlx::query"
    }

    fn on_new_span(
        &self,
        attributes: &span::Attributes<'_>,
        id: &span::Id,
        context: Context<'_, S>,
    ) {
        let mut index = Index(None);
        attributes.record(&mut index);
        let current = CURRENT.lock().expect("not poisoned");
        let recorded = index.0.and_then(|index| current.get(index)).cloned();
        if let (Some(span), Some(recorded)) = (context.span(id), recorded) {
            span.extensions_mut().insert(recorded);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        // SQLite sends these when it opens a connection.
        if statement.text().starts_with("PRAGMA") {
            return;
        }
        let spans = context.event_scope(event).into_iter().flatten();
        for span in spans {
            if let Some(recorded) = span.extensions().get::<Recorded>() {
                recorded
                    .lock()
                    .expect("not poisoned")
                    .push(statement.text());
            }
        }
    }
}

struct Index(Option<usize>);

impl Visit for Index {
    fn record_u64(&mut self, _: &Field, value: u64) {
        self.0 = usize::try_from(value).ok();
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// sqlx writes a short statement into `summary` and a long one into `db.statement`.
#[derive(Default)]
struct Statement {
    summary: String,
    whole: String,
}

impl Statement {
    fn text(&self) -> String {
        let text = if self.whole.is_empty() {
            &self.summary
        } else {
            &self.whole
        };
        text.trim().to_owned()
    }
}

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "summary" => self.summary = value.to_owned(),
            "db.statement" => self.whole = value.to_owned(),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}
