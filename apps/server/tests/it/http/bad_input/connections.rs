//! Malformed requests, sent as raw bytes.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use tenantry_testkit::each_database;

use super::requests::Fixture;
use crate::http::support::{RANDOM_ID, api_routes, filled};

/// Sends bytes, closes the write side and reads the response.
fn talk(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    let timeout = Some(Duration::from_secs(30));
    stream.set_read_timeout(timeout).expect("not zero");
    stream.write_all(bytes).expect("sent");
    stream.shutdown(std::net::Shutdown::Write).expect("open");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Reads one response from the connection.
fn response(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut byte = [0];
    let mut length = None;
    loop {
        let end = answer.windows(4).position(|it| it == b"\r\n\r\n");
        if let Some(end) = end {
            let length = *length.get_or_insert_with(|| {
                let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
                let (_, rest) = head.split_once("content-length: ").expect("a length");
                let digits = rest.lines().next().expect("a number");
                digits.parse::<usize>().expect("a number")
            });
            if answer.len() == end + 4 + length {
                return String::from_utf8(answer).expect("text");
            }
        }
        stream
            .read_exact(&mut byte)
            .expect("the connection stays open");
        answer.push(byte[0]);
    }
}

each_database! {
    async fn a_malformed_request_is_a_400_and_writes_nothing(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let before = fixture.setup.tables().await;
        let address = fixture.ada.address();
        let cookie = fixture.ada.cookies().expect("a session");
        let head = |line: &str, more: &str| {
            format!("{line}\r\nHost: x\r\nCookie: {cookie}\r\nContent-Type: application/json\r\n{more}\r\n")
        };
        let body = "{\"name\":\"x\"}";
        let create = |headers: &str, body: &str| head("POST /api/projects HTTP/1.1", headers) + body;
        let chunked = "Transfer-Encoding: chunked\r\n";
        let both = format!("Content-Length: 12\r\n{chunked}");
        for (what, request) in [
            ("an invalid chunk size", create(chunked, "zz\r\n{}\r\n")),
            ("a chunk that ends early", create(chunked, "ff\r\n{}")),
            ("a body that ends early", create("Content-Length: 100\r\n", body)),
            ("an invalid length", create("Content-Length: many\r\n", body)),
            ("a negative length", create("Content-Length: -1\r\n", body)),
            ("two lengths", create("Content-Length: 12\r\nContent-Length: 13\r\n", body)),
            ("a length and chunks", create(&both, "0\r\n\r\n")),
            ("an unknown transfer", create("Transfer-Encoding: gzip\r\n", "x")),
            ("a NUL in a header", create("X-Organization-Slug: al\0pha\r\nContent-Length: 0\r\n", "")),
            ("an unknown version", head("GET /api/projects HTTP/9.9", "")),
            ("two hosts", create("Host: x\r\nContent-Length: 12\r\n", body)),
            ("a space in the path", head("GET /api/pro jects HTTP/1.1", "")),
            ("not a request", "\0\0\0\0\r\n\r\n".to_owned()),
        ] {
            let answer = talk(&address, request.as_bytes());
            // actix answers invalid HTTP itself, without a problem body, or closes the connection.
            assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{what}: {answer}");
        }
        fixture.setup.assert_unchanged(&before).await;
        fixture.ada.get("/api/auth/me").send().await.expect(200);
    }

    async fn dot_segments_are_not_resolved(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let address = fixture.ada.address();
        let cookie = fixture.ada.cookies().expect("a session");
        for path in [
            "/api/projects/../auth/me", "/api/projects/%2e%2e/auth/me", "/api/./auth/me",
            "/health/../api/auth/me", "/api/auth/me/.", "/api/auth/%2e/me", "/../api/auth/me",
        ] {
            let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n");
            let answer = talk(&address, request.as_bytes());
            assert!(answer.starts_with("HTTP/1.1 404 "), "{path}: {answer}");
            // Outside of the API people ask.
            let is_page = cfg!(feature = "web") && path.starts_with("/../");
            let media_type = if is_page { "text/html" } else { "application/problem+json" };
            assert!(answer.contains(media_type), "{path}: {answer}");
        }
    }

    async fn a_refusal_before_the_body_is_read_leaves_the_connection_usable(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let address = fixture.ada.address();
        let body = "x".repeat(50);
        let mut stream = TcpStream::connect(&address).expect("the server listens");
        let timeout = Some(Duration::from_secs(30));
        stream.set_read_timeout(timeout).expect("not zero");
        let writes = api_routes().into_iter().filter(|route| route.method != "GET");
        for route in writes {
            let path = filled(&route, RANDOM_ID, RANDOM_ID);
            for framing in ["Content-Length: 50\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n32\r\n"] {
                let head = format!("{} {path} HTTP/1.1\r\nHost: x\r\n{framing}", route.method);
                stream.write_all(head.as_bytes()).expect("sent");
                // By the time this is answered, the server has most likely seen the head.
                fixture.setup.anonymous().get("/api/auth/me").send().await.expect(401);
                stream.write_all(body.as_bytes()).expect("sent");
                if framing.contains("chunked") {
                    stream.write_all(b"\r\n0\r\n\r\n").expect("sent");
                }
                let answer = response(&mut stream);
                // One that takes no body does not look at it.
                let takes_any = route.access.is_anyone() && route.sample.body.is_none();
                let status = if takes_any { "HTTP/1.1 2" } else { "HTTP/1.1 4" };
                assert!(answer.starts_with(status), "{path}: {answer}");
                assert!(!answer.to_lowercase().contains("connection: close"), "{path}: {answer}");
            }
        }
    }

    async fn a_head_of_more_than_32_kib_is_a_431(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let address = fixture.ada.address();
        let with = |line: &str, header: usize| {
            let value = "x".repeat(header);
            let request = format!(
                "{line} HTTP/1.1\r\nConnection: close\r\nHost: a\r\nX-Padding: {value}\r\n\r\n"
            );
            talk(&address, request.as_bytes())
        };
        let fits = with("GET /health/live", 32_000);
        assert!(fits.starts_with("HTTP/1.1 200"), "{fits}");
        let long = format!("GET /health/live?{}", "x".repeat(40_000));
        for (line, header) in [
            ("GET /health/live", 33_000),
            ("GET /api/projects", 60_000),
            ("POST /api/auth/login", 60_000),
            ("GET /api/nowhere", 60_000),
            (&*long, 0),
        ] {
            let answer = with(line, header);
            assert!(answer.starts_with("HTTP/1.1 431"), "{answer}");
            assert!(answer.contains("\"code\":\"headers_too_large\""), "{answer}");
        }
    }

    async fn a_malformed_host_is_a_400(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let address = fixture.ada.address();
        let with = |host: &[u8]| {
            let request = [b"GET /health/live HTTP/1.1\r\nConnection: close\r\nHost:", host, b"\r\n\r\n"].concat();
            let answer = talk(&address, &request);
            answer.get(9..12).unwrap_or_default().to_owned()
        };
        let bad: [&[u8]; 25] = [
            b" a b", b"", b" ", b" a\tb", b" http://a", b" a/b", b" a?b", b" a#b", b" u@a", b" u:p@a", b" a:b",
            b" a:-1", b" a:65536", b" a:1:2", b" :80", b" [::1", b" ::1", b" [::g]", b" [1.2.3.4]", b" a%", b" a%zz",
            b" caf\xe9", "\u{20}caf\u{e9}".as_bytes(), b" a\"b", b" a, b",
        ];
        for host in bad {
            assert_eq!(with(host), "400", "{}", String::from_utf8_lossy(host));
        }
        let good: [&[u8]; 13] = [
            b" a", b" example.com", b" example.com.", b" EXAMPLE.com:443", b" a:", b" a:65535", b" 127.0.0.1:8080",
            b" [::1]", b" [::1]:80", b" my_service", b" xn--caf-dma.example", b" a%41", b"\ta ",
        ];
        for host in good {
            assert_eq!(with(host), "200", "{}", String::from_utf8_lossy(host));
        }
        let old = talk(&address, b"GET /health/live HTTP/1.0\r\n\r\n");
        assert!(old.starts_with("HTTP/1.0 200"), "{old}");
        for line in ["GET /api/auth/me", "POST /api/auth/login", "GET /api/nowhere", "OPTIONS /api/projects"] {
            let request = format!("{line} HTTP/1.1\r\nConnection: close\r\nHost: a b\r\n\r\n");
            let answer = talk(&address, request.as_bytes());
            assert!(answer.starts_with("HTTP/1.1 400"), "{line}: {answer}");
            assert!(answer.contains("\"code\":\"malformed_host\""), "{line}: {answer}");
        }
    }
}
