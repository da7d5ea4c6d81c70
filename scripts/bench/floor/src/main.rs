//! The floor of the benchmark: minimal hand-written code that does the same work on the same tables
//! for the same requests. One prepared statement finds the caller, the membership and the
//! organization; another one handles the request. It has the required checks and nothing else: no
//! problem bodies, limits, cursors, logs or row-level security.
//!
//! Configured by `DATABASE_URL`, `SECRET`, `PORT`, `WORKERS` and `CONNECTIONS` (per worker).

mod sql;

use std::{cell::Cell, env, rc::Rc};

use actix_web::{
    App, HttpRequest, HttpResponse, HttpServer,
    web::{Data, Json, Path},
};
use chrono::{DateTime, TimeDelta, Utc};
use cookie::{Cookie, CookieJar, Key};
use serde::{Deserialize, Serialize};
use tokio_postgres::{Client, NoTls, Row, Statement};
use uuid::Uuid;

type Answer = Result<HttpResponse, Box<dyn std::error::Error>>;

/// The connections of one worker, used in turn, with pipelined queries.
struct Floor {
    connections: Vec<Connection>,
    next: Cell<usize>,
    key: Key,
}

struct Connection {
    client: Client,
    by_session: Statement,
    by_slug: Statement,
    by_token: Statement,
    own: Statement,
    list: Statement,
    get: Statement,
    create: Statement,
}

/// The caller and its organization.
struct Caller {
    user: Uuid,
    organization: Uuid,
    may_write: bool,
}

#[derive(Serialize)]
struct Project<'a> {
    id: Uuid,
    name: &'a str,
    description: &'a str,
    status: &'a str,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Organization<'a> {
    id: Uuid,
    name: &'a str,
    slug: &'a str,
    role: &'a str,
    created_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct List<T> {
    items: Vec<T>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct NewProject {
    name: String,
    #[serde(default)]
    description: String,
}

impl Floor {
    async fn open(url: &str, connections: usize, key: Key) -> Self {
        let mut opened = Vec::new();
        for _ in 0..connections {
            opened.push(Connection::open(url).await);
        }
        Self {
            connections: opened,
            next: Cell::new(0),
            key,
        }
    }

    fn connection(&self) -> &Connection {
        let next = (self.next.get() + 1) % self.connections.len();
        self.next.set(next);
        &self.connections[next]
    }

    /// The stored digest of the request's secret, and whether it is a token.
    fn secret(&self, request: &HttpRequest) -> Option<(String, bool)> {
        let header = |name| request.headers().get(name)?.to_str().ok();
        if let Some(token) = header("authorization") {
            return Some((sha256(token.strip_prefix("Bearer ")?), true));
        }
        let mut jar = CookieJar::new();
        let sent = request.cookie("tenantry_session")?;
        jar.add_original(Cookie::new("tenantry_session", sent.value().to_owned()));
        let key = jar.signed(&self.key).get("tenantry_session")?;
        Some((sha256(key.value()), false))
    }

    async fn caller(&self, request: &HttpRequest, on: &Connection) -> Option<Caller> {
        let (hash, is_token) = self.secret(request)?;
        let now = Utc::now();
        let idle = now - TimeDelta::days(7);
        let slug = request.headers().get("x-organization-slug");
        let slug = slug.and_then(|slug| slug.to_str().ok());
        let row = match (is_token, slug) {
            (true, _) => {
                on.client
                    .query_opt(&on.by_token, &[&hash, &now, &slug])
                    .await
            }
            (false, Some(slug)) => {
                on.client
                    .query_opt(&on.by_slug, &[&hash, &now, &idle, &slug])
                    .await
            }
            (false, None) => {
                on.client
                    .query_opt(&on.by_session, &[&hash, &now, &idle])
                    .await
            }
        };
        let row = row.ok()??;
        Some(Caller {
            user: row.get(0),
            organization: row.get(1),
            may_write: row.get::<_, &str>(2) != "viewer",
        })
    }
}

impl Connection {
    async fn open(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("connects");
        actix_web::rt::spawn(connection);
        let prepare = async |sql: &str| client.prepare(sql).await.expect("prepares");
        client
            .batch_execute("SET plan_cache_mode = force_generic_plan")
            .await
            .expect("sets");
        Self {
            by_session: prepare(&sql::by_session()).await,
            by_slug: prepare(&sql::by_slug()).await,
            by_token: prepare(sql::BY_TOKEN).await,
            own: prepare(sql::OWN).await,
            list: prepare(sql::LIST).await,
            get: prepare(sql::GET).await,
            create: prepare(sql::CREATE).await,
            client,
        }
    }
}

fn project(row: &Row) -> Project<'_> {
    Project {
        id: row.get(0),
        name: row.get(1),
        description: row.get(2),
        status: row.get(3),
        created_at: row.get(4),
        updated_at: row.get(5),
    }
}

async fn list(request: HttpRequest, floor: Data<Rc<Floor>>) -> Answer {
    let on = floor.connection();
    let Some(caller) = floor.caller(&request, on).await else {
        return Ok(HttpResponse::Unauthorized().finish());
    };
    let mut rows = on.client.query(&on.list, &[&caller.organization]).await?;
    let next_cursor = (rows.len() > 20).then(|| rows[19].get::<_, Uuid>(0).to_string());
    rows.truncate(20);
    Ok(HttpResponse::Ok().json(List {
        items: rows.iter().map(project).collect(),
        next_cursor,
    }))
}

async fn get(request: HttpRequest, id: Path<Uuid>, floor: Data<Rc<Floor>>) -> Answer {
    let on = floor.connection();
    let Some(caller) = floor.caller(&request, on).await else {
        return Ok(HttpResponse::Unauthorized().finish());
    };
    let found = on
        .client
        .query_opt(&on.get, &[&caller.organization, &*id])
        .await?;
    Ok(match found {
        Some(row) => HttpResponse::Ok().json(project(&row)),
        None => HttpResponse::NotFound().finish(),
    })
}

async fn create(request: HttpRequest, new: Json<NewProject>, floor: Data<Rc<Floor>>) -> Answer {
    let on = floor.connection();
    let Some(caller) = floor.caller(&request, on).await else {
        return Ok(HttpResponse::Unauthorized().finish());
    };
    if !caller.may_write {
        return Ok(HttpResponse::Forbidden().finish());
    }
    let (id, event, now) = (Uuid::now_v7(), Uuid::now_v7(), Utc::now());
    let payload = serde_json::json!({
        "organization_id": caller.organization, "project_id": id, "name": new.name,
        "created_by_user_id": caller.user,
    });
    let name_key = new.name.to_lowercase();
    let row = on
        .client
        .query_one(
            &on.create,
            &[
                &caller.organization,
                &id,
                &new.name,
                &name_key,
                &new.description,
                &now,
                &event,
                &caller.user,
                &payload,
            ],
        )
        .await?;
    Ok(HttpResponse::Created().json(project(&row)))
}

async fn own(request: HttpRequest, floor: Data<Rc<Floor>>) -> Answer {
    let on = floor.connection();
    let Some((hash, false)) = floor.secret(&request) else {
        return Ok(HttpResponse::Unauthorized().finish());
    };
    let now = Utc::now();
    let rows = on
        .client
        .query(&on.own, &[&hash, &now, &(now - TimeDelta::days(7))])
        .await?;
    let organization = |row| {
        let row: &Row = row;
        Organization {
            id: row.get(0),
            name: row.get(1),
            slug: row.get(2),
            role: row.get(3),
            created_at: row.get(4),
        }
    };
    Ok(HttpResponse::Ok().json(List {
        items: rows.iter().map(organization).collect(),
        next_cursor: None,
    }))
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let set = |name| env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let number = |name| set(name).parse::<usize>().expect("a number");
    let (url, connections) = (set("DATABASE_URL"), number("CONNECTIONS"));
    let key = Key::from(set("SECRET").as_bytes());
    let port = u16::try_from(number("PORT")).expect("a port");
    let server = HttpServer::new(move || {
        let (url, key) = (url.clone(), key.clone());
        App::new()
            .data_factory(move || {
                let (url, key) = (url.clone(), key.clone());
                async move { Ok::<_, ()>(Rc::new(Floor::open(&url, connections, key).await)) }
            })
            .route("/api/projects", actix_web::web::get().to(list))
            .route("/api/projects", actix_web::web::post().to(create))
            .route("/api/projects/{id}", actix_web::web::get().to(get))
            .route("/api/organizations", actix_web::web::get().to(own))
    });
    let server = server
        .workers(number("WORKERS"))
        .bind(("127.0.0.1", port))?;
    println!("Floor listens on http://127.0.0.1:{port}");
    server.run().await
}
