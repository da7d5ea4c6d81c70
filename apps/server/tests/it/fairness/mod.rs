//! What one caller, one tenant or one address takes from others: for each attack, a victim in another
//! organization sends requests alone and under attack, and a table shows what it notices.
//!
//! Asserted are counts and memory: no request of the victim fails, and neither the server nor the
//! database grows without bounds. Times are printed and never asserted.
//!
//! `TENANTRY_FAIRNESS` sets the seconds of each phase, and makes the data of the attacks large.
//!
//! - [`attacks`]: the attacks
//! - [`attacker`]: the connections that run them
//! - [`victim`]: what another tenant notices
//! - [`world`]: the data that both need
//! - [`memory`]: the memory of the server and of the database

mod attacker;
mod attacks;
mod connection;
mod memory;
mod victim;
mod world;

use std::{fs, path::PathBuf, time::Duration};

use tenantry_testkit::each_database;
use tokio::time::sleep;

use self::{
    attacker::Attackers,
    attacks::{Attack, attacks},
    memory::Memory,
    victim::{Measured, Victim},
    world::World,
};
use crate::support::{Program, ServerProcess};

/// The connections that one address may have, and all.
const OF_ONE_ADDRESS: usize = 300;
const CONNECTIONS: usize = 350;

/// How much the server, and the database, may grow during an attack, in MB.
const GROWTH: u64 = 150;

/// How much an attack may add to the log, in bytes.
const LOGGED: u64 = 4 * 1024 * 1024;

/// How long an attack may take to get the response that it is for.
const LONGEST: Duration = Duration::from_secs(30);

fn configured() -> Option<u64> {
    let seconds = std::env::var("TENANTRY_FAIRNESS").ok()?;
    Some(seconds.parse().expect("a number of seconds"))
}

fn phase() -> Duration {
    configured().map_or(Duration::from_millis(700), Duration::from_secs)
}

/// A row of the table.
struct Row {
    attack: Attack,
    alone: Measured,
    attacked: Measured,
    before: Memory,
    peak: Memory,
    logged: u64,
    statuses: String,
}

impl Row {
    const HEAD: &str = "| item | attack | alone: median, 99th | attacked: median, 99th | failures | \
                        server MB | database MB | log kB | responses to the attack |\n\
                        |---|---|---|---|---|---|---|---|---|";

    fn line(&self) -> String {
        let Self {
            attack,
            alone,
            attacked,
            before,
            peak,
            logged,
            statuses,
        } = self;
        format!(
            "| {} | {} | {:.1?}, {:.1?} | {:.1?}, {:.1?} | {} of {} | {} → {} | {} → {} | {} | {statuses} |",
            attack.item,
            attack.name,
            alone.at(50),
            alone.at(99),
            attacked.at(50),
            attacked.at(99),
            attacked.failures.len(),
            attacked.requests(),
            before.server,
            peak.server,
            before.database,
            peak.database,
            logged / 1024,
        )
    }
}

fn server(world: &World, attack: &Attack) -> (ServerProcess, PathBuf) {
    let backend = world.database.backend();
    let name = format!(
        "fairness-{backend:?}-{}-{}.log",
        attack.item,
        std::process::id()
    );
    let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    let program = Program::on(&world.database)
        .with("TENANTRY__SERVER__PORT", "0")
        .with("TENANTRY__SERVER__WORKERS", "2")
        .with(
            "TENANTRY__LIMITS__CONNECTIONS_ADDRESS",
            &OF_ONE_ADDRESS.to_string(),
        )
        .with("TENANTRY__LIMITS__CONNECTIONS", &CONNECTIONS.to_string())
        .with("RUST_LOG", "error")
        .logging_to(&log);
    let settings = attack.settings.iter();
    let program = settings.fold(program, |program, (name, value)| program.with(name, value));
    (ServerProcess::start(&program, "saas"), log)
}

/// Runs one attack against a server of its own.
async fn run(world: &World, attack: Attack) -> Row {
    let (server, log) = server(world, &attack);
    let victim = Victim::new(&server.client().address(), &world.victim);
    let alone = victim.start();
    sleep(phase()).await;
    let alone = alone.stop();
    let before = Memory::of(&server, &world.database).await;
    let logged_before = fs::metadata(&log).map_or(0, |file| file.len());

    let attackers = Attackers::start(&attack, &server.client().address());
    let attacked = victim.start();
    let mut peak = before;
    let begun = std::time::Instant::now();
    // On a slow machine the phase is longer: until the attack has the response that it is for.
    let is_running = || {
        attack
            .expected
            .is_none_or(|status| attackers.received(status))
    };
    while begun.elapsed() < phase() || (!is_running() && begun.elapsed() < LONGEST) {
        sleep(Duration::from_millis(100)).await;
        peak = peak.max(Memory::of(&server, &world.database).await);
    }
    let attacked = attacked.stop();
    let statuses = attackers.stop();
    let logged = fs::metadata(&log).map_or(0, |file| file.len()) - logged_before;

    let name = attack.name;
    assert!(
        attack
            .expected
            .is_none_or(|status| statuses.contains_key(&status)),
        "{name} does not run as it should: {statuses:?}"
    );
    assert!(attacked.requests() > 0, "{name}");
    assert_eq!(attacked.failures, [""; 0], "{name}");
    let grown = peak.server.saturating_sub(before.server);
    assert!(grown <= GROWTH, "{name}: the server grew by {grown} MB");
    let grown = peak.database.saturating_sub(before.database);
    assert!(grown <= GROWTH, "{name}: the database grew by {grown} MB");
    assert!(logged <= LOGGED, "{name}: {logged} bytes in the log");
    drop(server);
    drop(fs::remove_file(log));
    let statuses = statuses
        .iter()
        .map(|(status, times)| format!("{times} × {status}"));
    Row {
        statuses: statuses.collect::<Vec<_>>().join(", "),
        attack,
        alone,
        attacked,
        before,
        peak,
        logged,
    }
}

each_database! {
    async fn an_attack_fails_no_request_of_another_tenant(db: TestDatabase) {
        let world = World::new(db).await;
        let mut table = Row::HEAD.to_owned();
        for attack in attacks(&world) {
            let row = run(&world, attack).await;
            table.push('\n');
            table.push_str(&row.line());
        }
        println!("{:?}\n{table}", world.database.backend());
    }
}
