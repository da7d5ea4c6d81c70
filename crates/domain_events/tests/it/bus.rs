//! Who hears what, and who doesn't keep whom from hearing.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use tenantry_core::{event::Publisher as _, id::Uuid};
use tenantry_domain_events::{
    EventBus,
    events::users::{PasswordChanged, UserRegistered, UserRenamed},
};

use crate::support::{Ear, Heard, Manner, envelope, renamed, user};

fn ids(numbers: impl IntoIterator<Item = u128>) -> Vec<Uuid> {
    numbers.into_iter().map(Uuid::from_u128).collect()
}

fn ear(name: &'static str, manner: Manner, heard: &Heard) -> Ear {
    let heard = heard.clone();
    Ear {
        name,
        manner,
        heard,
    }
}

#[tokio::test]
async fn a_listener_hears_its_own_type_alone() {
    let (bus, heard) = (EventBus::new(), Heard::default());
    bus.subscribe::<UserRenamed>(ear("test.renamed", Manner::Fine, &heard));
    bus.subscribe::<UserRegistered>(ear("test.registered", Manner::Fine, &heard));
    let registered = UserRegistered { user_id: user(7) };
    let changed = PasswordChanged { user_id: user(7) };
    bus.publish(vec![
        envelope(1, &renamed()),
        envelope(2, &registered),
        envelope(3, &changed),
        envelope(4, &renamed()),
    ])
    .await;
    assert_eq!(heard.by("test.renamed"), ids([1, 4]), "in their order");
    assert_eq!(heard.by("test.registered"), ids([2]));
}

#[tokio::test]
async fn everybody_who_listens_hears() {
    let (bus, heard) = (EventBus::new(), Heard::default());
    for name in ["test.one", "test.two", "test.three"] {
        bus.subscribe::<UserRenamed>(ear(name, Manner::Fine, &heard));
    }
    bus.publish(vec![envelope(1, &renamed())]).await;
    for name in ["test.one", "test.two", "test.three"] {
        assert_eq!(heard.by(name), ids([1]), "{name}");
    }
}

#[tokio::test]
async fn a_listener_that_misbehaves_keeps_nobody_from_hearing() {
    for manner in [
        Manner::Fails,
        Manner::Panics,
        Manner::PanicsAtOnce,
        Manner::Hangs,
    ] {
        // Short is safe: a listener that is done when it is first asked is never late.
        let bus = EventBus::with_deadline(Duration::from_millis(1));
        let heard = Heard::default();
        bus.subscribe::<UserRenamed>(ear("test.before", Manner::Fine, &heard));
        bus.subscribe::<UserRenamed>(ear("test.culprit", manner, &heard));
        bus.subscribe::<UserRenamed>(ear("test.after", Manner::Fine, &heard));
        // It returns, so nobody waits for ever.
        bus.publish(vec![envelope(1, &renamed()), envelope(2, &renamed())])
            .await;
        assert_eq!(heard.by("test.before"), ids([1, 2]));
        assert_eq!(heard.by("test.after"), ids([1, 2]));
        let tried = usize::from(!matches!(manner, Manner::PanicsAtOnce)) * 2;
        assert_eq!(
            heard.by("test.culprit").len(),
            tried,
            "it gets the next event"
        );
    }
}

#[tokio::test]
async fn another_version_of_an_event_is_not_told_as_this_one() {
    let (bus, heard) = (EventBus::new(), Heard::default());
    bus.subscribe::<UserRenamed>(ear("test.renamed", Manner::Fine, &heard));
    let mut newer = envelope(1, &renamed());
    newer.version += 1;
    bus.publish(vec![newer]).await;
    assert_eq!(heard.by("test.renamed"), ids([]));
}

#[tokio::test]
async fn a_payload_that_does_not_fit_its_name_stops_nobody_else() {
    let (bus, heard) = (EventBus::new(), Heard::default());
    bus.subscribe::<UserRenamed>(ear("test.renamed", Manner::Fine, &heard));
    let mut broken = envelope(1, &renamed());
    broken.payload = serde_json::json!({"user_id": "nobody"});
    assert!(broken.open::<UserRenamed>().is_err());
    bus.publish(vec![broken, envelope(2, &renamed())]).await;
    assert_eq!(heard.by("test.renamed"), ids([2]));
}

#[test]
#[should_panic(expected = "a listener named test.renamed is registered already")]
fn two_listeners_of_one_name_are_refused() {
    let (bus, heard) = (EventBus::new(), Heard::default());
    bus.subscribe::<UserRenamed>(ear("test.renamed", Manner::Fine, &heard));
    bus.subscribe::<UserRegistered>(ear("test.renamed", Manner::Fine, &heard));
}

#[tokio::test]
async fn a_refused_name_leaves_the_others_listening() {
    let (bus, heard) = (EventBus::new(), Heard::default());
    bus.subscribe::<UserRenamed>(ear("test.renamed", Manner::Fine, &heard));
    let again = ear("test.renamed", Manner::Fine, &heard);
    let refused = catch_unwind(AssertUnwindSafe(|| bus.subscribe::<UserRenamed>(again)));
    assert!(refused.is_err());
    bus.publish(vec![envelope(1, &renamed())]).await;
    assert_eq!(heard.by("test.renamed"), ids([1]), "once");
}

#[tokio::test]
async fn an_event_that_nobody_listens_to_is_nobodys_problem() {
    EventBus::new().publish(vec![envelope(1, &renamed())]).await;
}
