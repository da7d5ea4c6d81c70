//! The OpenAPI document, derived from the types of handlers.

use actix_web::web;
use serde_json::{Value, json};
use tenantry_core::{
    id::UserId,
    input::{NullablePatch, Patch},
    request,
    value::Name,
};
use tenantry_http::{
    Access, Body, Created, ETag, IfMatch, NoContent, PathId, Query, Routes, Versioned,
    openapi::{ApiInfo, document},
};

request! {
    /// A thing to be changed.
    struct ChangeThing {
        /// What it is called.
        name: Name,
        note: Patch<Name>,
        owner: NullablePatch<UserId>,
    }
}

request! {
    struct Wanted {
        count: Option<u32>,
        owner: Option<UserId>,
    }
}

async fn list(Query(_): Query<Wanted>) -> web::Json<Vec<Name>> {
    web::Json(Vec::new())
}

async fn change(
    _: PathId<UserId>,
    _: IfMatch,
    Body(body): Body<ChangeThing>,
) -> Versioned<Created<Name>> {
    Versioned(ETag(1), Created::new(body.name))
}

async fn remove(_: PathId<UserId>) -> NoContent {
    NoContent
}

fn written(routes: &Routes) -> Value {
    let routes = routes.clone().tag("things", "Things");
    let about = ApiInfo {
        title: "Things",
        version: "1",
        description: "",
        license: "MIT",
        contact: "Us",
        cookie: "session",
    };
    document(about, &routes)
}

fn things() -> Value {
    let routes = Routes::new()
        .list("/api/things", Access::user(), list)
        .operation("list_things", "Things")
        .patch("/api/things/{id}", Access::anyone(), change)
        .operation("change_thing", "Change a thing")
        .delete("/api/things/{id}", Access::user().session_only(), remove)
        .operation("remove_thing", "Remove a thing");
    written(&routes)
}

#[test]
fn a_body_names_its_fields_and_refuses_others() {
    let document = things();
    let schema = &document["components"]["schemas"]["ChangeThing"];
    assert_eq!(schema["required"], json!(["name"]));
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["description"], "A thing to be changed.");
    let fields = &schema["properties"];
    assert_eq!(fields["name"]["description"], "What it is called.");
    // A field that can be cleared also has `null` in its schema.
    assert_eq!(fields["note"], json!({"$ref": "#/components/schemas/Name"}));
    let clearable = json!([{"$ref": "#/components/schemas/UserId"}, {"type": "null"}]);
    assert_eq!(fields["owner"]["anyOf"], clearable);
}

#[test]
fn a_query_parameter_is_left_out_and_never_null() {
    let document = things();
    let parameters = document["paths"]["/api/things"]["get"]["parameters"].as_array();
    let parameters = parameters.expect("a list");
    assert_eq!(parameters.len(), 2);
    for parameter in parameters {
        assert_eq!(
            (&parameter["in"], &parameter["required"]),
            (&json!("query"), &json!(false))
        );
        assert!(!parameter.to_string().contains("null"), "{parameter}");
    }
}

#[test]
fn what_a_handler_takes_and_answers_decides_the_statuses() {
    let document = things();
    let statuses = |path: &str, method: &str| {
        let responses = document["paths"][path][method]["responses"].as_object();
        responses
            .expect("an object")
            .keys()
            .cloned()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        statuses("/api/things", "get"),
        [
            "200", "400", "401", "403", "422", "429", "431", "500", "503"
        ]
    );
    assert_eq!(
        statuses("/api/things/{id}", "patch"),
        [
            "201", "400", "403", "408", "413", "415", "422", "429", "431", "500", "503"
        ]
    );
    assert_eq!(
        statuses("/api/things/{id}", "delete"),
        ["204", "400", "401", "403", "429", "431", "500", "503"]
    );
    let changed = &document["paths"]["/api/things/{id}"]["patch"]["responses"]["201"]["headers"];
    assert_eq!(changed["ETag"]["required"], true);
}

#[test]
fn the_access_of_a_route_decides_its_security_schemes() {
    let document = things();
    let security = |path: &str, method: &str| document["paths"][path][method]["security"].clone();
    assert_eq!(
        security("/api/things", "get"),
        json!([{"session": []}, {"token": []}])
    );
    assert_eq!(
        security("/api/things/{id}", "delete"),
        json!([{"session": []}])
    );
    assert_eq!(security("/api/things/{id}", "patch"), json!([]));
}

#[test]
#[should_panic(expected = "two routes are named remove_thing")]
fn two_routes_have_two_names() {
    let routes = Routes::new()
        .delete("/api/things/a/{id}", Access::user(), remove)
        .operation("remove_thing", "One")
        .delete("/api/things/b/{id}", Access::user(), remove)
        .operation("remove_thing", "Another");
    written(&routes);
}

#[test]
#[should_panic(expected = "has the tag others: describe it")]
fn the_tag_of_an_operation_has_a_description() {
    let routes = Routes::new()
        .delete("/api/others/{id}", Access::user(), remove)
        .operation("remove_other", "Remove it");
    written(&routes);
}

#[test]
fn a_file_of_a_page_is_no_operation() {
    let routes = Routes::new()
        .delete("/api/others/{id}", Access::user(), remove)
        .no_operation();
    assert_eq!(written(&routes)["paths"], json!({}));
    assert!(!routes.infos()[0].is_operation);
}
