//! The API client, against a server that echoes requests.

use serde_json::json;
use tenantry_testkit::ApiClient;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

/// A server that echoes the request as the body, with extra headers by path.
async fn echo() -> ApiClient {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(respond(stream));
        }
    });
    ApiClient::new(&format!("http://{address}"))
}

async fn respond(mut stream: TcpStream) {
    let received = read_request(&mut stream).await;
    let text = String::from_utf8_lossy(&received).into_owned();
    let (status, extra, body) = match text.split(' ').nth(1).expect("a path") {
        "/login" => ("200 OK", "Set-Cookie: session=abc; HttpOnly\r\n", received),
        "/moved" => ("303 See Other", "Location: /login\r\n", received),
        "/problem" => (
            "404 Not Found",
            "Content-Type: application/problem+json\r\n",
            br#"{"code":"not_found", "request_id": "0199", "status":404}"#.to_vec(),
        ),
        _ => ("200 OK", "", received),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{extra}\r\n",
        body.len()
    );
    let whole = [head.into_bytes(), body].concat();
    stream.write_all(&whole).await.expect("the client listens");
}

/// One request: its head, and as much body as the head promises.
async fn read_request(stream: &mut TcpStream) -> Vec<u8> {
    let mut received = Vec::new();
    loop {
        received.push(stream.read_u8().await.expect("the client speaks"));
        if received.ends_with(b"\r\n\r\n") {
            break;
        }
    }
    let head = String::from_utf8_lossy(&received).to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.expect("a body");
    received.extend(body);
    received
}

#[tokio::test]
async fn a_client_keeps_its_cookies_and_shares_none() {
    let client = echo().await;
    assert_eq!(client.cookies(), None);
    client.get("/login").send().await.expect(200);
    assert_eq!(client.cookies().as_deref(), Some("session=abc"));
    let echoed = client.get("/").send().await.stable_body();
    assert!(echoed.contains("cookie: session=abc"), "{echoed}");
    let echoed = client.fork().get("/").send().await.stable_body();
    assert!(!echoed.contains("cookie"), "{echoed}");
    let thief = client.fork();
    thief.set_cookies("session=abc");
    assert_eq!(thief.cookies(), client.cookies());
}

#[tokio::test]
async fn a_json_body_has_its_content_type() {
    let client = echo().await;
    let echoed = client
        .post("/", json!({"a": [1]}))
        .send()
        .await
        .stable_body();
    assert!(echoed.starts_with("POST / HTTP/1.1\r\n"), "{echoed}");
    assert!(
        echoed.contains("content-type: application/json\r\n"),
        "{echoed}"
    );
    assert!(echoed.ends_with("\r\n\r\n{\"a\":[1]}"), "{echoed}");
    let echoed = client.patch("/", json!(null)).send().await.stable_body();
    assert!(
        echoed.starts_with("PATCH ") && echoed.ends_with("null"),
        "{echoed}"
    );
}

#[tokio::test]
async fn a_raw_request_is_sent_unchanged() {
    let client = echo().await;
    let call = client
        .raw("BREW", "//pot?x=%00")
        .header("x-twice", "one")
        .header("x-twice", b"\xff")
        .organization("acme")
        .body(b"\x00\xff");
    let echoed = call.send().await.body;
    let shown = String::from_utf8_lossy(&echoed).into_owned();
    assert!(
        shown.starts_with("BREW //pot?x=%00 HTTP/1.1\r\n"),
        "{shown}"
    );
    assert!(shown.contains("x-twice: one\r\n"), "{shown}");
    assert!(
        echoed.windows(10).any(|it| it == b"x-twice: \xff"),
        "{shown}"
    );
    assert!(shown.contains("x-organization-slug: acme\r\n"), "{shown}");
    assert!(!shown.contains("content-type"), "{shown}");
    assert!(echoed.ends_with(b"\r\n\r\n\x00\xff"), "{shown}");
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let answer = echo().await.delete("/moved").send().await.expect(303);
    assert_eq!(answer.header("location"), Some("/login"));
}

#[tokio::test]
async fn the_stable_body_of_a_problem_omits_only_the_request_id() {
    let answer = echo().await.get("/problem").send().await.expect(404);
    assert_eq!(answer.problem_code(), "not_found");
    let blanked = r#"{"code":"not_found", "request_id": "", "status":404}"#;
    assert_eq!(answer.stable_body(), blanked);
}

#[tokio::test]
#[should_panic(expected = "expected 200, got 404 to GET /problem")]
async fn an_unexpected_status_shows_the_response() {
    echo().await.get("/problem").send().await.expect(200);
}
