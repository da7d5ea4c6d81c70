//! Which statements a piece of work really sends.

use std::sync::{Arc, Mutex, Once};

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

/// The name of the span whose statements are kept.
const SPAN: &str = "tenantry_testkit_statements";

type Kept = Arc<Mutex<Vec<String>>>;

/// Does the work, and answers with the text of every statement that it sent, in order.
///
/// Works on both databases, across threads, and beside other tests. It takes over the process's
/// tracing subscriber.
///
/// # Panics
/// When the process has another subscriber already.
pub async fn statements<T>(work: impl Future<Output = T>) -> (T, Vec<String>) {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let keeper = Registry::default().with(Keeper);
        tracing::subscriber::set_global_default(keeper).expect("no other subscriber");
    });
    let kept = Kept::default();
    let index = {
        let mut current = CURRENT.lock().expect("not poisoned");
        current.push(Arc::clone(&kept));
        current.len() - 1
    };
    let span = tracing::info_span!(SPAN, index);
    let done = work.instrument(span).await;
    let statements = kept.lock().expect("not poisoned").clone();
    (done, statements)
}

/// A span can hold a number and no list, so it holds the place of its list in this one.
static CURRENT: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

struct Keeper;

impl<S> Layer<S> for Keeper
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
        let kept = index.0.and_then(|index| current.get(index)).cloned();
        if let (Some(span), Some(kept)) = (context.span(id), kept) {
            span.extensions_mut().insert(kept);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut statement = Statement::default();
        event.record(&mut statement);
        // What opening a connection to SQLite sends belongs to no work.
        if statement.text().starts_with("PRAGMA") {
            return;
        }
        let spans = context.event_scope(event).into_iter().flatten();
        for span in spans {
            if let Some(kept) = span.extensions().get::<Kept>() {
                kept.lock().expect("not poisoned").push(statement.text());
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
