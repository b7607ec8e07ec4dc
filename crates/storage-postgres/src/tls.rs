//! What is asked of the server's certificate.

use rustls::{
    DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{self, WebPkiSupportedAlgorithms, aws_lc_rs},
    pki_types::{CertificateDer, ServerName, UnixTime, pem::PemObject as _},
};
use storage::StoreError;

/// The authorities in this file, or else the system's.
pub(crate) fn authorities(file: Option<&str>) -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    match file {
        Some(file) => {
            let unreadable =
                |source: Box<dyn std::error::Error + Send + Sync>| StoreError::Unavailable {
                    reason: format!("'sslrootcert' names no certificates: {file}"),
                    source,
                };
            let certificates =
                CertificateDer::pem_file_iter(file).map_err(|error| unreadable(error.into()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| unreadable(error.into()))?;
                roots
                    .add(certificate)
                    .map_err(|error| unreadable(error.into()))?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
    }
    if roots.is_empty() {
        let reason = "there is no certificate authority to verify the database server by; name a \
                      file of them with 'sslrootcert'";
        return Err(StoreError::Unavailable {
            reason: reason.to_owned(),
            source: reason.into(),
        });
    }
    Ok(roots)
}

/// Takes any certificate, as `sslmode=prefer` and `require` do everywhere: they keep listeners out,
/// not impostors.
#[derive(Debug)]
pub(crate) struct Unverified(WebPkiSupportedAlgorithms);

impl Unverified {
    pub(crate) fn new() -> Self {
        Self(aws_lc_rs::default_provider().signature_verification_algorithms)
    }
}

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        crypto::verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
