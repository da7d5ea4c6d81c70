//! Route tables: which paths a module answers, who may call each, and nothing unlisted.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    FromRequest, Handler, Route, guard,
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
    middleware::from_fn,
    web,
};

use super::{
    Access, Problem,
    authorize::{Parameters, admit},
    openapi::{DescribeInputs, DescribeOutput, Operation, describe_admission},
    path_pattern::{self, Segment},
    problem_from::status,
};
use tenantry_core::error::DomainError;

/// One line of a route table. A `GET` route answers `HEAD` as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteInfo {
    /// The method.
    pub method: Method,
    /// The path, without the trailing slash that may follow it.
    pub path: &'static str,
    /// Who may call it.
    pub access: Access,
    /// Whether the OpenAPI document has an operation for it.
    pub is_operation: bool,
}

/// The routes of one module, or of all of them.
///
/// Routes of the same path may come from different modules. Their order does not matter: a
/// segment that is spelled out goes before a `{parameter}`.
#[derive(Clone, Default)]
pub struct Routes {
    entries: Vec<Entry>,
}

#[derive(Clone)]
struct Entry {
    info: RouteInfo,
    build: Arc<dyn Fn() -> Route + Send + Sync>,
    parameters: Parameters,
    /// What the handler's types say.
    describe: fn(&mut Operation<'_>),
    operation: Option<(&'static str, &'static str)>,
    errors: Vec<(StatusCode, &'static str)>,
}

/// Methods add a route; each panics when the table contradicts itself, which is a mistake in
/// the program and shows at its start.
impl Routes {
    /// No routes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A route that reads one thing.
    #[must_use]
    pub fn get<F, Args>(self, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args, Output: DescribeOutput> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.route(Method::GET, path, access, Parameters::Refused, handler)
    }

    /// A route that reads a list. Its handler takes a [`Query`](super::Query); on all other
    /// routes a query string is refused, because nobody would read it.
    #[must_use]
    pub fn list<F, Args>(self, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args, Output: DescribeOutput> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.route(Method::GET, path, access, Parameters::Parsed, handler)
    }

    /// A route that makes something, or acts.
    #[must_use]
    pub fn post<F, Args>(self, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args, Output: DescribeOutput> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.route(Method::POST, path, access, Parameters::Refused, handler)
    }

    /// A route that changes something.
    #[must_use]
    pub fn patch<F, Args>(self, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args, Output: DescribeOutput> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.route(Method::PATCH, path, access, Parameters::Refused, handler)
    }

    /// A route that removes something.
    #[must_use]
    pub fn delete<F, Args>(self, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args, Output: DescribeOutput> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.route(Method::DELETE, path, access, Parameters::Refused, handler)
    }

    fn route<F, Args>(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        parameters: Parameters,
        handler: F,
    ) -> Self
    where
        F: Handler<Args, Output: DescribeOutput> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        let info = RouteInfo {
            method: method.clone(),
            path,
            access,
            is_operation: true,
        };
        let build = move || {
            let admit = move |request, next| admit(access, parameters, request, next);
            route_of(&method).to(handler.clone()).wrap(from_fn(admit))
        };
        self.push(Entry {
            info,
            build: Arc::new(build),
            parameters,
            describe: |operation| {
                Args::describe(operation);
                F::Output::describe(operation);
            },
            operation: None,
            errors: Vec::new(),
        });
        self
    }

    /// Names the last route and says in a few words what it does, for the document. The name is
    /// `snake_case`, and for ever: clients call their functions so.
    ///
    /// # Panics
    /// When there is no route yet.
    #[must_use]
    pub fn operation(mut self, name: &'static str, summary: &'static str) -> Self {
        self.last().operation = Some((name, summary));
        self
    }

    /// Says which facts the service behind the last route may refuse with, besides those that
    /// everybody knows: who may not, what is not valid, what is away.
    ///
    /// # Panics
    /// When there is no route yet.
    #[must_use]
    pub fn errors<E: DomainError, const N: usize>(mut self, facts: [E; N]) -> Self {
        let facts = facts.iter().map(|fact| (status(fact.kind()), fact.code()));
        self.last().errors.extend(facts);
        self
    }

    /// Says that the last route may be refused with a code that is no fact of a service.
    ///
    /// # Panics
    /// When there is no route yet.
    #[must_use]
    pub fn error_code(mut self, status: StatusCode, code: &'static str) -> Self {
        self.last().errors.push((status, code));
        self
    }

    /// Leaves the last route out of the OpenAPI document: a file that a page loads.
    ///
    /// # Panics
    /// When there is no route yet.
    #[must_use]
    pub fn no_operation(mut self) -> Self {
        self.last().info.is_operation = false;
        self
    }

    fn last(&mut self) -> &mut Entry {
        self.entries.last_mut().expect("a route was added before")
    }

    /// These routes and those of another table.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for entry in other.entries {
            self.push(entry);
        }
        self
    }

    fn push(&mut self, entry: Entry) {
        let RouteInfo {
            method,
            path,
            access,
            ..
        } = &entry.info;
        path_pattern::check(path, *access);
        for other in &self.entries {
            let known = &other.info;
            if path_pattern::segments(known.path).eq(path_pattern::segments(path)) {
                assert_eq!(known.path, *path, "two names for one path");
                assert_ne!(known.method, *method, "{path} has two {method} routes");
            }
        }
        self.entries.push(entry);
    }

    /// All routes, in the order of their paths.
    #[must_use]
    pub fn infos(&self) -> Vec<RouteInfo> {
        let by_path = self.by_path();
        let entries = by_path.values().flatten();
        entries.map(|entry| entry.info.clone()).collect()
    }

    /// The operations of the OpenAPI document, in the order of their paths.
    pub(super) fn described(&self) -> impl Iterator<Item = Described<'_>> {
        let by_path = self.by_path();
        by_path
            .into_values()
            .flatten()
            .filter(|entry| entry.info.is_operation)
            .map(|entry| Described { entry })
    }

    /// Registers every path, with and without a trailing slash. Other methods than the table's
    /// are answered with 405.
    pub fn configure(&self, app: &mut web::ServiceConfig) {
        for entries in self.by_path().values() {
            let path = entries[0].info.path;
            let mut resource = web::resource([path.to_owned(), format!("{path}/")]);
            for entry in entries {
                resource = resource.route((entry.build)());
            }
            let refusal = Problem::from_status(StatusCode::METHOD_NOT_ALLOWED)
                .with_header(header::ALLOW, allowed(entries));
            app.service(resource.default_service(web::to(move || {
                let refusal = refusal.clone();
                async move { refusal }
            })));
        }
    }

    fn by_path(&self) -> BTreeMap<Vec<Segment<'static>>, Vec<&Entry>> {
        let mut by_path: BTreeMap<_, Vec<&Entry>> = BTreeMap::new();
        for entry in &self.entries {
            let segments = path_pattern::segments(entry.info.path).collect();
            by_path.entry(segments).or_default().push(entry);
        }
        for entries in by_path.values_mut() {
            entries.sort_by(|a, b| a.info.method.as_str().cmp(b.info.method.as_str()));
        }
        by_path
    }
}

/// A route that can describe itself.
pub(super) struct Described<'r> {
    entry: &'r Entry,
}

impl<'r> Described<'r> {
    pub(super) const fn info(&self) -> &'r RouteInfo {
        &self.entry.info
    }

    /// Its name and its summary.
    pub(super) const fn operation(&self) -> Option<(&'static str, &'static str)> {
        self.entry.operation
    }

    pub(super) fn describe(&self, operation: &mut Operation<'_>) {
        let entry = self.entry;
        describe_admission(&entry.info, entry.parameters, operation);
        (entry.describe)(operation);
        for (status, code) in &entry.errors {
            operation.error(*status, code);
        }
    }
}

fn route_of(method: &Method) -> Route {
    if method == Method::GET {
        Route::new().guard(guard::Any(guard::Get()).or(guard::Head()))
    } else {
        Route::new().method(method.clone())
    }
}

fn allowed(entries: &[&Entry]) -> HeaderValue {
    let mut methods = Vec::new();
    for entry in entries {
        methods.push(entry.info.method.as_str());
        if entry.info.method == Method::GET {
            methods.push("HEAD");
        }
    }
    HeaderValue::from_str(&methods.join(", ")).expect("method names are plain ASCII")
}

impl std::fmt::Debug for Routes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.infos()).finish()
    }
}
