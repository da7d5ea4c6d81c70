//! Searching, filtering and sorting.

use chrono::TimeDelta;
use tenantry_core::page::PageSize;
use tenantry_projects::{ProjectQuery, ProjectSort, ProjectStatus};
use tenantry_testkit::each_database;

use crate::fixture::{Fixture, renaming, with_status};

fn searching(text: &str) -> ProjectQuery {
    ProjectQuery {
        search: Some(text.to_owned()),
        sort: ProjectSort::Name,
        ..Default::default()
    }
}

fn by_name() -> ProjectQuery {
    ProjectQuery {
        sort: ProjectSort::Name,
        ..Default::default()
    }
}

each_database! {
    async fn a_search_ignores_case(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for name in ["Apollo", "apollo 11", "ÄPFEL", "Gemini"] {
            fixture.create(&fixture.member, name).await;
        }
        for text in ["apollo", "APOLLO", "ApOl", "pollo"] {
            assert_eq!(fixture.names(&searching(text)).await, ["Apollo", "apollo 11"], "{text}");
        }
        for text in ["äpfel", "Äpf", "ÄPFEL", "a\u{308}pf"] {
            assert_eq!(fixture.names(&searching(text)).await, ["ÄPFEL"], "{text}");
        }
    }

    async fn a_search_folds_letters_of_every_script_and_keeps_accents(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let names = ["ΟΔΥΣΣΕΥΣ", "Straße", "İzmir", "ＡＣＭＥ", "José", "می\u{200c}خواهم"];
        for name in names {
            fixture.create(&fixture.member, name).await;
        }
        for (text, found) in [
            ("οδυσ", "ΟΔΥΣΣΕΥΣ"), ("οδυσσευς", "ΟΔΥΣΣΕΥΣ"), ("STRASSE", "Straße"), ("STRAẞE", "Straße"),
            ("i\u{307}zmir", "İzmir"), ("İZMİR", "İzmir"), ("izmir", "İzmir"), ("ızmır", "İzmir"), ("acme", "ＡＣＭＥ"), ("JOSE\u{301}", "José"),
            ("میخواهم", "می\u{200c}خواهم"),
        ] {
            assert_eq!(fixture.names(&searching(text)).await, [found], "{text}");
        }
        assert_eq!(fixture.names(&searching("jose")).await, [""; 0]);
    }

    async fn a_search_takes_every_character_literally(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for name in ["100 %", "100 x", "a_b", "axb", r"a\b"] {
            fixture.create(&fixture.member, name).await;
        }
        let cases: [(&str, &[&str]); 6] = [
            ("%", &["100 %"]),
            ("_", &["a_b"]),
            (r"\", &[r"a\b"]),
            ("a_b", &["a_b"]),
            ("%%", &[]),
            ("a%b", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(fixture.names(&searching(text)).await, expected, "{text}");
        }
    }

    async fn a_search_finds_the_new_name_after_a_rename(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let apollo = fixture.create(&fixture.member, "Apollo").await.id;
        fixture.create(&fixture.member, "Gemini").await;
        fixture.update(apollo, renaming("Mercury")).await.expect("updated");
        assert_eq!(fixture.names(&searching("apollo")).await, [""; 0]);
        assert_eq!(fixture.names(&searching("MERCURY")).await, ["Mercury"]);
        assert_eq!(fixture.names(&by_name()).await, ["Gemini", "Mercury"]);
        // The version before searches and sorts by `name_key`.
        for key in ["name_key", "search_key"] {
            let keys = fixture.world.raw.query(&format!("SELECT {key} FROM projects ORDER BY {key}")).await;
            let keys: Vec<_> = keys.iter().map(|row| &row[key]).collect();
            assert_eq!(keys, ["gemini", "mercury"]);
        }
    }

    async fn other_changes_leave_the_name_searchable(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        let apollo = fixture.create(&fixture.member, "Apollo").await.id;
        fixture.update(apollo, with_status(ProjectStatus::Active)).await.expect("updated");
        assert_eq!(fixture.names(&searching("apollo")).await, ["Apollo"]);
    }

    async fn a_filter_finds_one_status(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for (name, status) in [
            ("Apollo", ProjectStatus::Active),
            ("Gemini", ProjectStatus::Archived),
            ("Mercury", ProjectStatus::Active),
            ("Soyuz", ProjectStatus::Draft),
        ] {
            let id = fixture.create(&fixture.member, name).await.id;
            fixture.update(id, with_status(status)).await.expect("updated");
        }
        let with = |status| ProjectQuery { status: Some(status), ..by_name() };
        assert_eq!(fixture.names(&with(ProjectStatus::Active)).await, ["Apollo", "Mercury"]);
        assert_eq!(fixture.names(&with(ProjectStatus::Archived)).await, ["Gemini"]);
        assert_eq!(fixture.names(&with(ProjectStatus::Draft)).await, ["Soyuz"]);
        let both = ProjectQuery { search: Some("MERC".into()), ..with(ProjectStatus::Active) };
        assert_eq!(fixture.names(&both).await, ["Mercury"]);
        let neither = ProjectQuery { search: Some("gemini".into()), ..with(ProjectStatus::Active) };
        assert_eq!(fixture.names(&neither).await, [""; 0]);
    }

    async fn names_are_sorted_alike_on_both_databases(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for name in ["b", "C", "a", "Z", "ä", "10", "9", "a b", "A c", "_", "é"] {
            fixture.create(&fixture.member, name).await;
        }
        assert_eq!(
            fixture.names(&by_name()).await,
            ["_", "10", "9", "a", "ä", "a b", "A c", "b", "C", "é", "Z"]
        );
        let all = fixture.names(&by_name()).await;
        let mut paged = Vec::new();
        let mut query = by_name();
        query.page.limit = PageSize::new(2).expect("valid");
        loop {
            let page = fixture.projects.list(&fixture.viewer, &query).await.expect("a page");
            paged.extend(page.items.into_iter().map(|project| project.name.to_string()));
            query.page.cursor = page.next_cursor;
            if query.page.cursor.is_none() {
                break;
            }
        }
        assert_eq!(paged, all);
    }

    async fn a_name_of_the_longest_keys_is_stored(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for letter in ["ﷺ", "ΐ", "𠀀", "Ｗ", "ß"] {
            let name = letter.repeat(255);
            fixture.create(&fixture.member, &name).await;
            assert_eq!(fixture.names(&searching(&name)).await, [name]);
        }
    }

    async fn the_newest_comes_first(db: TestDatabase) {
        let fixture = Fixture::new(db).await;
        for name in ["First", "Second", "Third"] {
            fixture.create(&fixture.member, name).await;
            fixture.world.clock.advance(TimeDelta::microseconds(1));
        }
        assert_eq!(fixture.names(&ProjectQuery::default()).await, ["Third", "Second", "First"]);
    }
}
