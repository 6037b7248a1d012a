//! A client for the services that the tests start.

use reqwest::ClientBuilder;
use rustls::crypto::ring::default_provider;
use rustls::{ClientConfig, RootCertStore};
use std::sync::Arc;
use std::time::Duration;

/// A client that asks no proxy. It trusts no certificate, since all that it talks to is on this machine, without TLS;
/// reqwest wants a cryptography library to be named all the same.
pub fn builder() -> ClientBuilder {
    let tls = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    // The service closes a connection that was idle for 5 s; a test that had to wait must not send into that.
    let idle = Duration::from_secs(2);
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().pool_idle_timeout(idle)
}
