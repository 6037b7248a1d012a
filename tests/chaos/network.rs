//! The network between the service and its database server: cut, reset, half-open, slow.

use crate::installation::DEADLINE;
use crate::judge::Judge;
use crate::proxy::{Network, Proxy};
use crate::rounds;
use crate::servers::{Engine, Server};
use crate::site::Site;
use std::time::{Duration, Instant};

fn network_cut(engine: Engine) {
    let server = Server::start(engine);
    let proxy = Proxy::to(server.port);
    let mut site = Site::on(&server.url());
    site.database = Some(server.url_by(proxy.port));
    site.start_all();
    let faults = [
        ("network cut", Network::Refuses, 5),
        ("connections reset", Network::Resets, 5),
        ("half-open connections", Network::Swallows, 3),
        ("slow network", Network::Delays(Duration::from_millis(100)), 3),
    ];
    for (fault, network, full) in faults {
        let mut judge = Judge::new(fault, engine.name());
        for _ in 0..rounds(1, full) {
            judge.round(&mut site, DEADLINE, |_, load| {
                proxy.becomes(network);
                load.goes_on(16);
                proxy.becomes(Network::Whole);
                Instant::now()
            });
        }
        assert!(site.all_run(), "the service waits for its database: {}", site.log());
        judge.report();
    }
}

#[test]
fn a_service_is_back_when_the_network_to_postgresql_is() {
    network_cut(Engine::Postgres);
}

#[test]
fn a_service_is_back_when_the_network_to_mariadb_is() {
    network_cut(Engine::Mariadb);
}
