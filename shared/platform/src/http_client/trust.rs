//! The root certificates that endpoints must lead to.

use super::cryptography;
use crate::settings::{Environment, SettingError};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use tokio_rustls::TlsConnector;

/// The five roots that certificates of AWS's endpoints lead to, as Amazon Trust Services publishes them.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon_roots.pem");
/// The variable by which all SDKs and tools of AWS take other roots.
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// The certificates that an endpoint's certificate must lead to.
#[derive(Debug, Clone)]
pub(crate) struct Trust(RootCertStore);

impl Trust {
    /// Amazon's roots, which come with the program: reading the system's own costs 4 ms at every cold start.
    pub(crate) fn in_amazon() -> Self {
        Self(roots(AMAZON_ROOTS).expect("the roots that come with the program are certificates"))
    }

    /// The roots that browsers trust, as Mozilla publishes them, which come with the program.
    pub(crate) fn in_the_web() -> Self {
        Self(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
    }

    /// Every certificate of a PEM file; nothing if there is none, or one of them is malformed.
    pub(crate) fn from_pem(pem: &[u8]) -> Option<Self> {
        roots(pem).map(Self)
    }

    /// The roots in the PEM file that `AWS_CA_BUNDLE` names; else Amazon's.
    ///
    /// # Errors
    /// The file cannot be read or holds no certificate.
    pub(crate) fn from_env(environment: &Environment) -> Result<Self, SettingError> {
        Ok(Self::of_bundle(environment)?.unwrap_or_else(Self::in_amazon))
    }

    /// The roots in the PEM file that `AWS_CA_BUNDLE` names, if it names one.
    ///
    /// # Errors
    /// The file cannot be read or holds no certificate.
    pub(crate) fn of_bundle(environment: &Environment) -> Result<Option<Self>, SettingError> {
        let Some(path) = environment.optional(CA_BUNDLE) else { return Ok(None) };
        let expected = "the path of a readable file with certificates in PEM form";
        let bundle = std::fs::read(Path::new(path)).ok().and_then(|pem| roots(&pem));
        bundle.map(|roots| Some(Self(roots))).ok_or(SettingError::Malformed { name: CA_BUNDLE, expected })
    }

    /// The connector for HTTP/1.1 over TLS 1.3 or 1.2.
    pub(crate) fn into_connector(self) -> TlsConnector {
        let builder = ClientConfig::builder_with_provider(Arc::new(cryptography::provider()));
        let builder = builder.with_safe_default_protocol_versions();
        let builder = builder.expect("the suites are of the versions that are safe");
        let mut config = builder.with_root_certificates(self.0).with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        TlsConnector::from(Arc::new(config))
    }
}

/// Every certificate of a PEM file; `None` if there is none, or one of them is malformed.
fn roots(pem: &[u8]) -> Option<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots.add(certificate.ok()?).ok()?;
    }
    (!roots.is_empty()).then_some(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundle(content: &[u8]) -> Result<Trust, SettingError> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), content).expect("written");
        Trust::from_env(&Environment::from_pairs([(CA_BUNDLE, file.path().to_str().expect("a path"))]))
    }

    #[test]
    fn five_roots_are_amazons_and_a_bundle_takes_their_place() {
        assert_eq!(Trust::in_amazon().0.len(), 5);
        assert_eq!(Trust::from_env(&Environment::from_pairs([])).expect("Amazon").0.len(), 5);
        let text = std::str::from_utf8(AMAZON_ROOTS).expect("text");
        let first = text.split_inclusive("-----END CERTIFICATE-----").next().expect("a certificate");
        assert_eq!(bundle(first.as_bytes()).expect("one certificate").0.len(), 1);
    }

    #[test]
    fn a_bundle_that_is_missing_empty_or_malformed_stops_the_start_and_says_so() {
        let missing = Trust::from_env(&Environment::from_pairs([(CA_BUNDLE, "/does/not/exist.pem")]));
        let broken = "-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n";
        for wrong in [missing, bundle(b""), bundle(b"no certificate"), bundle(broken.as_bytes())] {
            let error = wrong.expect_err("no roots").to_string();
            let said =
                "AWS_CA_BUNDLE is malformed: it should be the path of a readable file with certificates in PEM form";
            assert_eq!(error, said);
        }
    }
}
