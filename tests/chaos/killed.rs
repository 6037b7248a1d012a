//! kill -9 of the service, and of the database server.

use crate::installation::DEADLINE;
use crate::judge::Judge;
use crate::rounds;
use crate::servers::{Engine, Server};
use crate::site::Site;
use std::time::Instant;

fn service_killed(mut site: Site, database: &'static str, rounds: usize) {
    let mut judge = Judge::new("kill -9 of the service", database);
    site.start_all();
    for _ in 0..rounds {
        judge.round(&mut site, DEADLINE, |site, _| {
            site.kill(0);
            let killed = Instant::now();
            site.start(0);
            killed
        });
    }
    judge.report();
}

#[test]
fn what_a_killed_service_has_answered_holds() {
    service_killed(Site::embedded(), "SQLite", rounds(3, 100));
}

#[test]
fn what_a_killed_service_has_answered_holds_on_postgresql() {
    let server = Server::start(Engine::Postgres);
    service_killed(Site::on(&server.url()), Engine::Postgres.name(), rounds(2, 20));
}

#[test]
fn what_a_killed_service_has_answered_holds_on_mariadb() {
    let server = Server::start(Engine::Mariadb);
    service_killed(Site::on(&server.url()), Engine::Mariadb.name(), rounds(2, 20));
}

fn database_killed(engine: Engine) {
    let mut server = Server::start(engine);
    let mut site = Site::on(&server.url());
    let mut judge = Judge::new("kill -9 of the database", engine.name());
    site.start_all();
    for _ in 0..rounds(2, 20) {
        judge.round(&mut site, DEADLINE, |site, load| {
            server.kill();
            load.goes_on(50);
            assert!(site.all_run(), "the service waits for its database: {}", site.log());
            server.restart();
            Instant::now()
        });
    }
    judge.report();
}

#[test]
fn a_service_outlives_a_killed_postgresql() {
    database_killed(Engine::Postgres);
}

#[test]
fn a_service_outlives_a_killed_mariadb() {
    database_killed(Engine::Mariadb);
}
