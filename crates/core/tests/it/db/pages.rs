//! Pages visit every row once, and a cursor is valid only for its list.

use std::{cmp::Ordering, collections::BTreeSet};

use chrono::TimeDelta;
use tenantry_core::{
    clock::Timestamp,
    db::{ColumnFilter as _, KeysetOrder},
    id::Uuid,
    orm::Order,
    page::{Page, PageError, PageRequest, PageSize},
};
use tenantry_testkit::{Backend, each_database};

use super::{
    library::{Library, id, new_book},
    tables::{book, colour, shelf},
};

fn limit(items: u32) -> PageSize {
    PageSize::new(items).expect("within 1 to 100")
}

fn request(items: u32, cursor: Option<String>) -> PageRequest {
    PageRequest {
        limit: limit(items),
        cursor,
    }
}

fn by_title(order: Order) -> KeysetOrder<book::Entity> {
    KeysetOrder {
        name: "title",
        columns: vec![book::Column::Title, book::Column::Id],
        order,
    }
}

fn by_age(order: Order) -> KeysetOrder<book::Entity> {
    KeysetOrder {
        name: "added_at",
        columns: vec![book::Column::AddedAt, book::Column::Id],
        order,
    }
}

/// 25 books of each organization, with five titles and three dates among them.
async fn many_books(library: &Library) {
    for (grant, mark) in [(&library.ours, "ours"), (&library.theirs, "theirs")] {
        library.place_shelf(grant.organization(), 1, mark).await;
        for n in 0..25_i64 {
            let added = library.world.runtime().now() + TimeDelta::days(n % 3);
            let row = [
                ("organization_id", grant.organization().into()),
                // Ids that follow neither title nor date.
                ("id", id((n as u128 * 7) % 25 + 1).into()),
                ("shelf_id", id(1).into()),
                ("title", format!("Title {}", n % 5).into()),
                ("pages", n.into()),
                ("mark", mark.into()),
                ("added_at", added.into()),
            ];
            library.world.insert("books", row).await;
        }
    }
}

/// The columns of the orders: title, date and id.
type Key = (String, Timestamp, Uuid);
type Compare = fn(&Key, &Key) -> Ordering;

/// Reads all pages to the end.
async fn walk(library: &Library, sort: &KeysetOrder<book::Entity>, items: u32) -> Vec<book::Model> {
    let rows = library.read();
    let mut walked = Vec::new();
    let mut cursor = None;
    loop {
        let find = rows.find::<book::Entity>();
        let page = find
            .page(sort, &request(items, cursor))
            .await
            .expect("a page");
        assert!(page.items.len() <= items as usize);
        walked.extend(page.items);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return walked;
        }
    }
}

each_database! {
    async fn a_selection_that_matches_little_is_found_page_by_page(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let new_id = match library.world.raw.backend() {
            Backend::Sqlite => "randomblob(16)",
            Backend::Postgres => "gen_random_uuid()",
        };
        let ours = library.literal(library.ours.organization().uuid());
        let many = format!(
            "INSERT INTO shelves (organization_id, id, name, mark)
             WITH RECURSIVE n (n) AS (SELECT 100000 UNION ALL SELECT n + 1 FROM n WHERE n < 125000)
             SELECT {ours}, {new_id}, 'Shelf ' || n, 'ours' FROM n"
        );
        library.world.raw.execute(&many).await;
        for order in [Order::Asc, Order::Desc] {
            let by_name = KeysetOrder {
                name: "name",
                columns: vec![shelf::Column::Name, shelf::Column::Id],
                order: order.clone(),
            };
            let rows = library.read();
            let (mut found, mut pages, mut cursor) = (Vec::new(), Vec::new(), None);
            loop {
                let selection = shelf::Column::Name.is_in(["Shelf 100001", "Shelf 124999"]);
                let find = rows.find::<shelf::Entity>();
                let page = find.selected_page(selection, &by_name, &request(1, cursor)).await;
                let page = page.expect("read");
                pages.push(page.items.len());
                found.extend(page.items.into_iter().map(|shelf| shelf.name));
                cursor = page.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            let mut expected = ["Shelf 100001", "Shelf 124999"];
            if order == Order::Desc {
                expected.reverse();
            }
            assert_eq!(found, expected);
            assert_eq!(pages, [1, 0, 1], "each looks at a part of the list");
        }
    }

    async fn pages_visit_each_row_once_and_in_order(db: TestDatabase) {
        let library = Library::empty(db).await;
        many_books(&library).await;
        for order in [Order::Asc, Order::Desc] {
            for items in [1, 4, 5, 24, 25, 100] {
                let sorts: [(KeysetOrder<book::Entity>, Compare); 2] = [
                    (by_title(order.clone()), |a, b| (&a.0, a.2).cmp(&(&b.0, b.2))),
                    (by_age(order.clone()), |a, b| (a.1, a.2).cmp(&(b.1, b.2))),
                ];
                for (sort, compare) in sorts {
                    let walked = walk(&library, &sort, items).await;
                    assert!(walked.iter().all(|book| book.mark == "ours"));
                    let key = |book: book::Model| (book.title, book.added_at, book.id);
                    let walked: Vec<Key> = walked.into_iter().map(key).collect();
                    let mut expected = walked.clone();
                    expected.sort_by(compare);
                    if order == Order::Desc {
                        expected.reverse();
                    }
                    assert_eq!(walked, expected, "{} {order:?} by {items}", sort.name);
                    let ids: BTreeSet<_> = walked.iter().map(|key| key.2).collect();
                    assert_eq!((walked.len(), ids.len()), (25, 25));
                }
            }
        }
    }

    async fn a_page_of_long_texts_ends_early_and_the_next_one_goes_on(db: TestDatabase) {
        let library = Library::empty(db).await;
        let ours = library.ours.organization();
        library.place_shelf(ours, 1, "ours").await;
        // Control characters take six bytes in JSON. The last book is larger than a page.
        let notes = [("x", 400_000), ("x", 400_000), ("x", 400_000), ("\u{1}", 60_000), ("x", 2_000_000)];
        for (n, (text, times)) in (1..).zip(notes) {
            let row = [
                ("organization_id", ours.into()),
                ("id", id(n).into()),
                ("shelf_id", id(1).into()),
                ("title", format!("Title {n}").into()),
                ("note", text.repeat(times).into()),
                ("pages", 1_i64.into()),
                ("mark", "ours".into()),
                ("added_at", library.world.runtime().now().into()),
            ];
            library.world.insert("books", row).await;
        }
        let rows = library.read();
        for order in [Order::Asc, Order::Desc] {
            let (mut titles, mut pages, mut cursor) = (Vec::new(), Vec::new(), None);
            loop {
                let find = rows.find::<book::Entity>();
                let page = find.page(&by_title(order.clone()), &request(100, cursor)).await;
                let page = page.expect("a page");
                pages.push(page.items.len());
                titles.extend(page.items.into_iter().map(|book| book.title));
                cursor = page.next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            let mut expected = ["Title 1", "Title 2", "Title 3", "Title 4", "Title 5"];
            if order == Order::Desc {
                expected.reverse();
            }
            assert_eq!(titles, expected);
            let sizes = if order == Order::Desc { vec![1, 2, 2] } else { vec![2, 2, 1] };
            assert_eq!(pages, sizes);
        }
    }

    async fn the_last_page_has_no_cursor(db: TestDatabase) {
        let library = Library::empty(db).await;
        many_books(&library).await;
        let rows = library.read();
        for (items, more) in [(24, true), (25, false), (26, false)] {
            let page_request = request(items, None);
            let page = rows.find::<book::Entity>().page(&by_title(Order::Asc), &page_request).await;
            assert_eq!(page.expect("a page").next_cursor.is_some(), more, "{items}");
        }
        let none = rows.find::<book::Entity>().filter(book::Column::Pages.lt(0));
        let page = none.page(&by_title(Order::Asc), &PageRequest::default()).await;
        assert_eq!(page.expect("a page"), Page { items: vec![], next_cursor: None });
    }

    async fn a_row_that_comes_or_goes_between_pages_moves_no_other(db: TestDatabase) {
        let library = Library::furnished(db).await;
        let sort = by_title(Order::Asc);
        let rows = library.read();
        let first = rows.find::<book::Entity>().page(&sort, &request(2, None)).await;
        let first = first.expect("a page");
        drop(rows);
        let changed = library.write(async |rows| {
            rows.delete::<book::Entity>().filter(book::Column::Id.eq(id(2))).exec().await?;
            rows.insert::<book::Entity>(new_book(0, 1)).await
        });
        changed.await.expect("written");
        let rows = library.read();
        let rest = rows.find::<book::Entity>().page(&sort, &request(10, first.next_cursor)).await;
        let rest = rest.expect("a page").items;
        let titles: Vec<_> = rest.into_iter().map(|book| book.title).collect();
        assert_eq!(titles, ["Book 3", "Book 7"]);
    }

    async fn only_the_page_decides_the_order(db: TestDatabase) {
        let library = Library::empty(db).await;
        many_books(&library).await;
        let rows = library.read();
        let sort = by_title(Order::Asc);
        let find = || rows.find::<book::Entity>().order_by(book::Column::Pages, Order::Desc);
        let plain = rows.find::<book::Entity>().page(&sort, &request(10, None)).await;
        let ordered = find().page(&sort, &request(10, None)).await;
        assert_eq!(ordered.expect("a page"), plain.expect("a page"));
    }

    async fn a_cursor_is_valid_only_for_its_list(db: TestDatabase) {
        let library = Library::empty(db).await;
        many_books(&library).await;
        for n in 2..10 {
            library.place_shelf(library.ours.organization(), n, "ours").await;
        }
        let rows = library.read();
        let sort = by_title(Order::Asc);
        let page = rows.find::<book::Entity>().page(&sort, &request(4, None)).await;
        let next = request(4, page.expect("a page").next_cursor);
        assert!(next.cursor.is_some());
        let continued = rows.find::<book::Entity>().page(&sort, &next).await;
        assert_eq!(continued.expect("its own list").items.len(), 4);

        let their_rows = library.world.database.read(&library.theirs);
        let refusals = [
            their_rows.find::<book::Entity>().page(&sort, &next).await.err(),
            rows.find::<book::Entity>().page(&by_age(Order::Asc), &next).await.err(),
            rows.find::<book::Entity>().page_for_owner(None, &sort, &next).await.err(),
            rows.find::<book::Entity>().page_for_owner(Some(id(1)), &sort, &next).await.err(),
            rows.find::<shelf::Entity>().page(&shelves_by_title(), &next).await.err(),
        ];
        for (n, refusal) in refusals.into_iter().enumerate() {
            assert!(matches!(refusal, Some(PageError::InvalidCursor)), "{n}: {refusal:?}");
        }
        for made_up in ["", "nonsense", "AAAA"] {
            let page_request = request(4, Some(made_up.to_owned()));
            let refusal = rows.find::<book::Entity>().page(&sort, &page_request).await;
            assert!(matches!(refusal, Err(PageError::InvalidCursor)), "{made_up}");
        }
    }

    async fn a_cursor_over_global_rows_is_valid_only_for_its_owner(db: TestDatabase) {
        let library = Library::empty(db).await;
        for n in 1..=5 {
            let row = [("id", id(n).into()), ("name", format!("colour {n}").into())];
            library.world.insert("colours", row).await;
        }
        let sort = KeysetOrder::<colour::Entity> {
            name: "name",
            columns: vec![colour::Column::Name, colour::Column::Id],
            order: Order::Asc,
        };
        let rows = library.world.database.read_global();
        let of = async |owner, cursor| {
            let page_request = request(3, cursor);
            let find = rows.find::<colour::Entity>();
            find.page_for_owner(Some(id(owner)), &sort, &page_request).await
        };
        let first = of(1, None).await.expect("a page");
        assert_eq!(first.items.len(), 3);
        let last = of(1, first.next_cursor.clone()).await.expect("a page");
        let names: Vec<_> = last.items.into_iter().map(|colour| colour.name).collect();
        assert_eq!((names, last.next_cursor), (vec!["colour 4".into(), "colour 5".into()], None));
        let refusal = of(2, first.next_cursor).await;
        assert!(matches!(refusal, Err(PageError::InvalidCursor)));
    }
}

/// An order of shelves with the name of one of books.
fn shelves_by_title() -> KeysetOrder<shelf::Entity> {
    KeysetOrder {
        name: "title",
        columns: vec![shelf::Column::Name, shelf::Column::Id],
        order: Order::Asc,
    }
}
