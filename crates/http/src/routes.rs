//! Route tables: the routes of a module and who may call each.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    FromRequest, Handler, Responder, Route,
    body::MessageBody,
    guard,
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
    middleware::from_fn,
    web,
};

use super::{
    Access, Problem, RouteInfo, Sample, SampleValues,
    authorize::{QueryPolicy, authorize},
    openapi::{DescribeInputs, DescribeOutput, Operation, describe_access},
    path_pattern::{self, Segment},
    problem_from::status,
};
use serde_json::Value;
use tenantry_core::error::DomainError;

/// The routes of one module, or of all of them.
///
/// Routes of one path may come from different modules. Their order does not matter: a literal segment
/// takes precedence over a `{parameter}`.
#[derive(Clone, Default)]
pub struct Routes {
    entries: Vec<Entry>,
    tags: Vec<(&'static str, &'static str)>,
}

#[derive(Clone)]
struct Entry {
    info: RouteInfo,
    build: Arc<dyn Fn() -> Route + Send + Sync>,
    query: QueryPolicy,
    /// Describes the inputs and outputs of the handler.
    describe: fn(&mut Operation<'_>),
    operation: Option<(&'static str, &'static str)>,
    errors: Vec<(StatusCode, &'static str)>,
}

/// Each method that adds a route panics when the table contradicts itself: a bug, which shows at the
/// start.
impl Routes {
    /// No routes yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A route that reads one resource.
    #[must_use]
    pub fn get<F, Args>(self, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args, Output: DescribeOutput> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.route(Method::GET, path, access, QueryPolicy::Rejected, handler)
    }

    /// A route that reads a list. Its handler takes a [`Query`](super::Query); all other routes reject a
    /// query string, because no handler would read it.
    #[must_use]
    pub fn list<F, Args>(self, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args, Output: DescribeOutput> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.route(Method::GET, path, access, QueryPolicy::Parsed, handler)
    }

    /// A route that creates a resource, or acts.
    #[must_use]
    pub fn post<F, Args>(self, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args, Output: DescribeOutput> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.route(Method::POST, path, access, QueryPolicy::Rejected, handler)
    }

    /// A route that changes a resource.
    #[must_use]
    pub fn patch<F, Args>(self, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args, Output: DescribeOutput> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.route(Method::PATCH, path, access, QueryPolicy::Rejected, handler)
    }

    /// A route that deletes a resource.
    #[must_use]
    pub fn delete<F, Args>(self, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args, Output: DescribeOutput> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.route(Method::DELETE, path, access, QueryPolicy::Rejected, handler)
    }

    /// A page for people.
    #[must_use]
    pub fn page<F, Args>(self, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args, Output: Responder<Body: MessageBody> + 'static> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.add_page(Method::GET, path, access, handler)
    }

    /// What a form of a page is sent to.
    #[must_use]
    pub fn form<F, Args>(self, path: &'static str, access: Access, handler: F) -> Self
    where
        F: Handler<Args, Output: Responder<Body: MessageBody> + 'static> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.add_page(Method::POST, path, access, handler)
    }

    /// Pages ignore the parameters that they don't know: see [`LenientQuery`](super::LenientQuery).
    fn add_page<F, Args>(
        self,
        method: Method,
        path: &'static str,
        access: Access,
        handler: F,
    ) -> Self
    where
        F: Handler<Args, Output: Responder<Body: MessageBody> + 'static> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        let mut added = self.add(method, path, access, QueryPolicy::Parsed, handler, |_| {});
        let info = &mut added.last().info;
        info.is_operation = false;
        info.is_page = true;
        added
    }

    fn route<F, Args>(
        self,
        method: Method,
        path: &'static str,
        access: Access,
        query: QueryPolicy,
        handler: F,
    ) -> Self
    where
        F: Handler<Args, Output: DescribeOutput> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        self.add(method, path, access, query, handler, |operation| {
            Args::describe(operation);
            F::Output::describe(operation);
        })
    }

    fn add<F, Args>(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        query: QueryPolicy,
        handler: F,
        describe: fn(&mut Operation<'_>),
    ) -> Self
    where
        F: Handler<Args, Output: Responder<Body: MessageBody> + 'static> + Send + Sync,
        Args: FromRequest + DescribeInputs + 'static,
    {
        let missing = Args::missing(&access);
        assert!(
            missing.is_none(),
            "{method} {path}: the handler takes {}, which the route's access does not establish",
            missing.unwrap_or_default(),
        );
        let info = RouteInfo {
            method: method.clone(),
            path,
            access,
            is_operation: true,
            is_page: false,
            sample: Sample::default(),
        };
        let build = move || {
            let authorize = move |request, next| authorize(access, query, request, next);
            route_of(&method)
                .to(handler.clone())
                .wrap(from_fn(authorize))
        };
        self.push(Entry {
            info,
            build: Arc::new(build),
            query,
            describe,
            operation: None,
            errors: Vec::new(),
        });
        self
    }

    /// The operation id and the summary of the last route, for the OpenAPI document. The id is
    /// `snake_case`, and stable: clients name their functions after it.
    ///
    /// # Panics
    /// Without a route.
    #[must_use]
    pub fn operation(mut self, name: &'static str, summary: &'static str) -> Self {
        self.last().operation = Some((name, summary));
        self
    }

    /// The domain errors of the last route's service, besides those of every route.
    ///
    /// # Panics
    /// Without a route.
    #[must_use]
    pub fn errors<E: DomainError, const N: usize>(mut self, errors: [E; N]) -> Self {
        let errors = errors
            .iter()
            .map(|error| (status(error.kind()), error.code()));
        self.last().errors.extend(errors);
        self
    }

    /// An error code of the last route that is not a domain error.
    ///
    /// # Panics
    /// Without a route.
    #[must_use]
    pub fn error_code(mut self, status: StatusCode, code: &'static str) -> Self {
        self.last().errors.push((status, code));
        self
    }

    /// The body of a call of the last route that succeeds.
    ///
    /// # Panics
    /// Without a route.
    #[must_use]
    pub fn sample(mut self, body: fn(&SampleValues) -> Value) -> Self {
        self.last().info.sample.body = Some(body);
        self
    }

    /// The [ids](SampleValues::ids) in the sample of the last route are those of resources of this
    /// collection, such as `/api/projects`.
    ///
    /// # Panics
    /// Without a route.
    #[must_use]
    pub fn sample_ids(mut self, collection: &'static str) -> Self {
        self.last().info.sample.body_ids = Some(collection);
        self
    }

    /// The wire names of the events that the last route records when it succeeds.
    ///
    /// # Panics
    /// Without a route.
    #[must_use]
    pub fn records(mut self, events: &'static [&'static str]) -> Self {
        self.last().info.sample.records = Some(events);
        self
    }

    /// Leaves the last route out of the OpenAPI document, such as a file that a page loads.
    ///
    /// # Panics
    /// Without a route.
    #[must_use]
    pub fn no_operation(mut self) -> Self {
        self.last().info.is_operation = false;
        self
    }

    fn last(&mut self) -> &mut Entry {
        self.entries.last_mut().expect("a route was added before")
    }

    /// Describes a tag of the OpenAPI document: the first segment of paths after `/api`.
    #[must_use]
    pub fn tag(mut self, name: &'static str, description: &'static str) -> Self {
        self.tags.push((name, description));
        self
    }

    /// The tags with their descriptions, by name.
    pub(super) fn tags(&self) -> BTreeMap<&'static str, &'static str> {
        self.tags.iter().copied().collect()
    }

    /// These routes and those of another table.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.tags.extend(other.tags);
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

    /// Registers every path, with and without a trailing slash. Other methods get a 405.
    pub fn configure(&self, app: &mut web::ServiceConfig) {
        for entries in self.by_path().values() {
            let path = entries[0].info.path;
            let with_slash = format!("{}/", path.trim_end_matches('/'));
            let mut resource = web::resource([path.to_owned(), with_slash]);
            for entry in entries {
                resource = resource.route((entry.build)());
            }
            let not_allowed = Problem::from_status(StatusCode::METHOD_NOT_ALLOWED)
                .with_header(header::ALLOW, allowed(entries));
            let not_allowed = Route::new().to(move || {
                let not_allowed = not_allowed.clone();
                async move { not_allowed }
            });
            // To all but operators the path does not exist, whatever the method is.
            let not_allowed = match operators(entries) {
                Some(access) => not_allowed.wrap(from_fn(move |request, next| {
                    authorize(access, QueryPolicy::Parsed, request, next)
                })),
                None => not_allowed,
            };
            app.service(resource.default_service(not_allowed));
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

/// A route with its description.
pub(super) struct Described<'r> {
    entry: &'r Entry,
}

impl<'r> Described<'r> {
    pub(super) const fn info(&self) -> &'r RouteInfo {
        &self.entry.info
    }

    /// Its operation id and summary.
    pub(super) const fn operation(&self) -> Option<(&'static str, &'static str)> {
        self.entry.operation
    }

    pub(super) fn describe(&self, operation: &mut Operation<'_>) {
        let entry = self.entry;
        describe_access(&entry.info, entry.query, operation);
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

/// The access that the least of the operators needs for a path that is for operators only.
fn operators(entries: &[&Entry]) -> Option<Access> {
    let mut all = entries.iter().map(|entry| entry.info.access);
    if !all.clone().all(|access| access.is_for_operators()) {
        return None;
    }
    let staff = all.clone().find(|access| !access.is_for_superusers());
    staff.or_else(|| all.next())
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
