//! The embedded engine behind TLS.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::Select;
use jiff::Timestamp;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::{AwsEndpoints, Clients};
use rekindle_store::shop::api_keys::Role;
use rekindle_store::{Store, Tables};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Tables in memory with one shop and its key, behind a URL with `https`.
pub(crate) struct Database {
    pub(crate) url: String,
    pub(crate) tables: Tables,
    /// The shop's write key.
    pub(crate) key: String,
    /// The certificate that the server's certificate leads to.
    pub(crate) bundle: PathBuf,
    client: Client,
}

impl Database {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let engine = listener.local_addr().expect("bound");
        let memory = dynoxide::Database::memory().expect("a database in memory");
        tokio::spawn(dynoxide::server::serve_on(listener, memory));
        let plain = format!("http://{engine}");
        let client = Clients::local(&AwsEndpoints { dynamodb: plain.clone(), services: plain }).dynamodb();
        let tables = Tables::with_prefix("cold-start");
        tables.create_missing(&client).await.expect("the tables can be created");
        let store = Store::new(client.clone(), tables.clone());
        let shop = ShopId::parse("shop").expect("a shop");
        let key = store.create_key(&shop, Role::Write, Timestamp::now()).await.expect("a key");

        let bundle = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cold_start/bundle.pem");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("https://localhost:{}", listener.local_addr().expect("bound").port());
        tokio::spawn(terminate_tls(listener, certificate(&bundle), engine));
        Self { url, tables, key, bundle, client }
    }

    /// How many facts are stored.
    pub(crate) async fn facts(&self) -> i32 {
        let scan = self.client.scan().table_name(&self.tables.activity).select(Select::Count);
        scan.send().await.expect("the database answers").count()
    }
}

/// Makes a certificate authority, writes its certificate to `bundle`, and starts a server with a certificate that it
/// signed.
fn certificate(bundle: &Path) -> TlsAcceptor {
    let mut authority = CertificateParams::new([]).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority.distinguished_name.push(DnType::CommonName, "Authority of the cold start bench");
    let authority_key = KeyPair::generate().expect("a key");
    let authority_certificate = authority.self_signed(&authority_key).expect("a certificate");
    std::fs::write(bundle, authority_certificate.pem()).expect("written");

    let mut server = CertificateParams::new(["localhost".to_owned()]).expect("a name");
    server.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().expect("a key");
    let certificate = server.signed_by(&key, &Issuer::new(authority, authority_key)).expect("a certificate");
    let chain: Vec<CertificateDer<'static>> = vec![certificate.into()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.expect("versions").with_no_client_auth().with_single_cert(chain, key).expect("a certificate");
    TlsAcceptor::from(Arc::new(config))
}

async fn terminate_tls(listener: TcpListener, tls: TlsAcceptor, engine: SocketAddr) {
    while let Ok((connection, _)) = listener.accept().await {
        let tls = tls.clone();
        tokio::spawn(async move {
            connection.set_nodelay(true)?;
            let mut outside = tls.accept(connection).await?;
            let mut inside = TcpStream::connect(engine).await?;
            inside.set_nodelay(true)?;
            // The measured processes end without closing their connections.
            tokio::io::copy_bidirectional(&mut outside, &mut inside).await
        });
    }
}
