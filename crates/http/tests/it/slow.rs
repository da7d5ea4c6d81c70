//! Slow clients. No test sleeps until a timeout: each one requires that the connection ends, and
//! fails after a long time if it does not.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::mpsc,
    time::Duration,
};

use actix_web::{App, HttpServer, dev::ServerHandle, middleware::from_fn, rt, web};
use tenantry_http::{
    Access, Body, ConcurrencyLimiter, ConcurrencyLimits, ConnectionShares, EdgeConfig, Routes,
    Timeouts, TrustedProxies, edge,
};

use crate::support::compose;

tenantry_core::request! {
    struct Thing { name: String }
}

const TIMEOUTS: Timeouts = Timeouts {
    head: Duration::from_millis(300),
    request: Duration::from_millis(600),
    idle: Duration::from_millis(1500),
};

/// More than all buffers between server and client.
const LARGE: usize = 64 * 1024 * 1024;

/// The connections that one address may have.
const OF_ONE_ADDRESS: usize = 3;

/// After this time a connection counts as one that never ends.
const NEVER: Duration = Duration::from_secs(20);

async fn make(Body(thing): Body<Thing>) -> String {
    thing.name
}

async fn for_ever() -> &'static str {
    std::future::pending().await
}

fn start(load: ConcurrencyLimiter) -> (SocketAddr, ServerHandle) {
    serve(load, TIMEOUTS, Routes::new())
}

fn serve(
    load: ConcurrencyLimiter,
    timeouts: Timeouts,
    routes: Routes,
) -> (SocketAddr, ServerHandle) {
    let routes = routes
        .get("/api/x", Access::anyone(), async || "four")
        .get("/api/large", Access::anyone(), async || "x".repeat(LARGE))
        .get("/api/never", Access::anyone(), for_ever)
        .post("/api/x", Access::anyone(), make);
    let rules = EdgeConfig {
        timeouts,
        concurrency: load,
        ..EdgeConfig::default()
    };
    let rules = web::Data::new(rules);
    let shares = ConnectionShares::new(OF_ONE_ADDRESS, TrustedProxies::default());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(rules.clone())
            .configure(compose(&routes))
            .wrap(from_fn(edge::middleware))
    })
    .workers(1)
    .keep_alive(timeouts.idle)
    .client_request_timeout(Duration::ZERO)
    .client_disconnect_timeout(Duration::from_millis(300))
    .on_connect(timeouts.watch(shares))
    .disable_signals()
    .bind("127.0.0.1:0")
    .expect("a free port");
    let address = server.addrs()[0];
    let server = server.run();
    let handle = server.handle();
    rt::spawn(server);
    (address, handle)
}

/// Runs a client against a server of its own.
async fn meet<T: Send + 'static>(client: impl FnOnce(TcpStream) -> T + Send + 'static) -> T {
    meet_under(ConcurrencyLimiter::default(), client).await
}

async fn meet_under<T: Send + 'static>(
    load: ConcurrencyLimiter,
    client: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> T {
    let (address, handle) = start(load);
    let met = rt::task::spawn_blocking(move || {
        let stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(NEVER)).expect("not zero");
        stream.set_write_timeout(Some(NEVER)).expect("not zero");
        client(stream)
    });
    let met = met.await.expect("no panic");
    handle.stop(false).await;
    met
}

/// Everything received until the connection ends, which it has to.
fn rest(mut stream: &TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the connection goes on: {error}"),
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn say(mut stream: &TcpStream, text: &str) {
    stream.write_all(text.as_bytes()).expect("sent");
}

/// Sends single bytes until the connection is closed.
fn drip(mut stream: &TcpStream) {
    let begun = std::time::Instant::now();
    while stream.write_all(b"x").is_ok() {
        assert!(begun.elapsed() < NEVER, "the connection goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// One complete response with a body of four bytes.
fn answer(mut stream: &TcpStream) -> String {
    let mut answer = String::new();
    let mut byte = [0];
    while !answer.ends_with("\r\n\r\nfour") {
        stream.read_exact(&mut byte).expect("an answer");
        answer.push(char::from(byte[0]));
    }
    answer
}

fn assert_too_slow(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("application/problem+json"), "{answer}");
    assert!(answer.contains("\"code\":\"request_timeout\""), "{answer}");
}

const GET: &str = "GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n";

#[actix_web::test]
async fn a_head_that_does_not_come_is_a_408() {
    assert_too_slow(&meet(|stream| rest(&stream)).await);
}

#[actix_web::test]
async fn a_head_that_does_not_end_is_a_408() {
    let response = meet(|stream| {
        say(&stream, "GET /api/x HTTP/1.1\r\nX: ");
        rest(&stream)
    });
    assert_too_slow(&response.await);
}

#[actix_web::test]
async fn a_head_that_comes_byte_by_byte_is_cut_off() {
    meet(|stream| {
        say(&stream, "GET /api/x HTTP/1.1\r\nX: ");
        drip(&stream);
    })
    .await;
}

#[actix_web::test]
async fn a_second_head_that_comes_byte_by_byte_is_cut_off() {
    meet(|stream| {
        say(&stream, GET);
        answer(&stream);
        say(&stream, "GET /api/x HTTP/1.1\r\nX: ");
        drip(&stream);
    })
    .await;
}

#[actix_web::test]
async fn a_body_that_does_not_come_is_a_408() {
    let response = meet(|stream| {
        let head = "POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
        say(&stream, head);
        say(&stream, "Content-Length: 12\r\n\r\n{");
        rest(&stream)
    });
    assert_too_slow(&response.await);
}

#[actix_web::test]
async fn a_body_that_comes_byte_by_byte_is_cut_off() {
    for chunked in [false, true] {
        meet(move |stream| {
            let head = "POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
            say(&stream, head);
            say(
                &stream,
                if chunked {
                    "Transfer-Encoding: chunked\r\n\r\nffff\r\n"
                } else {
                    "Content-Length: 65000\r\n\r\n"
                },
            );
            drip(&stream);
        })
        .await;
    }
}

#[actix_web::test]
async fn an_unread_body_is_cut_off() {
    for how in [
        "Content-Length: 65000\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nffff\r\n",
    ] {
        meet(move |stream| {
            say(&stream, "POST /api/nowhere HTTP/1.1\r\nHost: x\r\n");
            say(&stream, how);
            drip(&stream);
        })
        .await;
    }
}

#[actix_web::test]
async fn a_client_that_does_not_read_its_response_is_cut_off() {
    let taken = meet(|mut stream| {
        say(&stream, "GET /api/large HTTP/1.1\r\nHost: x\r\n\r\n");
        drip(&stream);
        let mut taken = Vec::new();
        // The connection may end with a reset after what was already sent.
        drop(stream.read_to_end(&mut taken));
        taken.len()
    });
    assert!(taken.await < LARGE);
}

#[actix_web::test]
async fn a_connection_that_is_not_used_any_more_is_closed() {
    let response = meet(|stream| {
        say(&stream, GET);
        answer(&stream);
        rest(&stream)
    });
    assert_eq!(response.await, "");
}

#[actix_web::test]
async fn a_handler_that_exceeds_the_timeout_is_a_503() {
    let response = meet(|stream| {
        say(
            &stream,
            "GET /api/never HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        );
        rest(&stream)
    });
    let response = response.await;
    assert!(response.starts_with("HTTP/1.1 503 "), "{response}");
    assert!(response.contains("retry-after: "), "{response}");
}

#[actix_web::test]
async fn a_client_within_the_timeouts_is_served_repeatedly() {
    let last = meet(|stream| {
        // Longer than each of the timeouts.
        for _ in 0..20 {
            say(&stream, GET);
            answer(&stream);
            std::thread::sleep(Duration::from_millis(100));
        }
        say(&stream, GET);
        answer(&stream)
    });
    assert!(last.await.starts_with("HTTP/1.1 200 "));
}

#[actix_web::test]
async fn a_body_being_received_holds_no_permit() {
    let one = ConcurrencyLimiter::new(ConcurrencyLimits {
        requests: 1,
        per_tenant: 1,
    });
    meet_under(one, |slow| {
        say(
            &slow,
            "POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
             Content-Length: 15\r\n\r\n{\"name\"",
        );
        // The first of these may still arrive before the slow one.
        let address = slow.peer_addr().expect("connected");
        let quick = TcpStream::connect(address).expect("the server listens");
        quick.set_read_timeout(Some(NEVER)).expect("not zero");
        for _ in 0..10 {
            say(&quick, "GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n");
            assert!(answer(&quick).starts_with("HTTP/1.1 200"));
        }
        say(&slow, ":\"four\"}");
        let answer = answer(&slow);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    })
    .await;
}

#[actix_web::test]
async fn a_connection_beyond_the_share_of_its_address_is_closed() {
    meet(|stream| {
        let address = stream.peer_addr().expect("connected");
        let connect = || {
            let stream = TcpStream::connect(address).expect("the server listens");
            stream.set_read_timeout(Some(NEVER)).expect("not zero");
            stream
        };
        let request = "GET /api/x HTTP/1.1\r\nHost: a\r\n\r\n";
        let mut open = vec![stream];
        while open.len() < OF_ONE_ADDRESS {
            open.push(connect());
        }
        for stream in &open {
            say(stream, request);
            answer(stream);
        }
        assert_eq!(rest(&connect()), "", "closed without a response");
        // The others go on, and the place of one that ends is free a moment later.
        say(&open[0], request);
        answer(&open[0]);
        drop(open.pop());
        let begun = std::time::Instant::now();
        loop {
            let stream = connect();
            // It may be closed before the request is sent.
            drop((&stream).write_all(request.as_bytes()));
            if matches!((&stream).read(&mut [0; 1]), Ok(1)) {
                return;
            }
            assert!(begun.elapsed() < NEVER, "its place is not free");
        }
    })
    .await;
}

/// Sends when it is dropped.
struct Dropped(mpsc::Sender<()>);

impl Drop for Dropped {
    fn drop(&mut self) {
        // The test may be over.
        _ = self.0.send(());
    }
}

#[actix_web::test]
async fn a_request_whose_client_is_gone_is_cancelled() {
    let (started, has_started) = mpsc::channel();
    let (dropped, was_dropped) = mpsc::channel();
    let wait = move || {
        let (started, guard) = (started.clone(), Dropped(dropped.clone()));
        async move {
            let _guard = guard;
            started.send(()).expect("the test listens");
            for_ever().await
        }
    };
    // Nothing else ends the request.
    let patient = Timeouts {
        request: Duration::from_secs(3600),
        ..TIMEOUTS
    };
    let routes = Routes::new().get("/api/wait", Access::anyone(), wait);
    let (address, handle) = serve(ConcurrencyLimiter::default(), patient, routes);
    let gone = rt::task::spawn_blocking(move || {
        let stream = TcpStream::connect(address).expect("the server listens");
        say(&stream, "GET /api/wait HTTP/1.1\r\nHost: a\r\n\r\n");
        has_started.recv_timeout(NEVER).expect("it is handled");
        assert!(was_dropped.try_recv().is_err(), "while its client waits");
        drop(stream);
        was_dropped.recv_timeout(NEVER).expect("cancelled");
    });
    gone.await.expect("no panic");
    handle.stop(false).await;
}
