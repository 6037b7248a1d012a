//! Whose certificates are believed: those that the system trusts, and those of one more file, for a mail server or
//! gateway of the house with a certificate authority of its own.

use super::SetupError;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;

/// The certificates that are trusted beside the system's.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    extra: Vec<CertificateDer<'static>>,
}

impl Trust {
    /// Reads the file, in PEM; without one only the system's certificates are trusted.
    pub fn load(file: Option<&Path>) -> Result<Self, SetupError> {
        let Some(file) = file else { return Ok(Self::default()) };
        let wrong =
            |message: String| SetupError::new("delivery_ca_file", format!("{}: {message}", file.display()));
        let text = std::fs::read(file).map_err(|error| wrong(error.to_string()))?;
        let extra = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| wrong("is not PEM".into()))?;
        if extra.is_empty() {
            return Err(wrong("holds no certificate".into()));
        }
        let mut store = RootCertStore::empty();
        for certificate in &extra {
            store.add(certificate.clone()).map_err(|error| wrong(error.to_string()))?;
        }
        Ok(Self { extra })
    }

    pub(super) fn extra(&self) -> &[CertificateDer<'static>] {
        &self.extra
    }

    /// TLS for a client, on the one cryptography library that this program links.
    pub(super) fn tls(&self) -> Result<ClientConfig, rustls::Error> {
        let mut roots = RootCertStore::empty();
        // What of the system's store cannot be read is trusted by nobody: a handshake fails and says so.
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        roots.add_parsable_certificates(self.extra.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        Ok(builder.with_root_certificates(roots).with_no_client_auth())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: Option<&str>) -> String {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ca.pem");
        if let Some(text) = text {
            std::fs::write(&file, text).unwrap();
        }
        Trust::load(Some(&file)).unwrap_err().to_string()
    }

    #[test]
    fn a_file_without_a_certificate_is_refused_in_one_line() {
        let junk = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for text in [None, Some(""), Some("hello"), Some("-----BEGIN CERTIFICATE-----\n?"), Some(junk)] {
            let said = refusal(text);
            assert!(said.starts_with("setting delivery_ca_file: /") && said.contains("ca.pem: "), "{said}");
            assert!(!said.contains('\n'), "{said}");
        }
    }

    #[test]
    fn without_a_file_only_the_system_is_trusted() {
        let trust = Trust::load(None).unwrap();
        assert!(trust.extra().is_empty());
        trust.tls().unwrap();
    }
}
