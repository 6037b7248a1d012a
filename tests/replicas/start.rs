//! Two replicas that start at the same moment.

use crate::pair::Place;

#[tokio::test]
async fn two_that_start_at_once_on_an_empty_database_both_serve() {
    for _ in 0..3 {
        let place = Place::new();
        let starting = [0, 1, 0, 1].map(|n| (n, place.installations[n].begin_to_serve(&[])));
        let serving: Vec<_> =
            starting.into_iter().map(|(n, one)| one.listening(&place.installations[n])).collect();
        let login = serving[0].begin("alice").await;
        for replica in &serving {
            assert_eq!(replica.read(&login).await.status(200), login);
        }
        let sites = place.installations[0].say(&["site", "list"]);
        assert_eq!(sites.matches("default").count(), 1, "{sites}");
    }
}
