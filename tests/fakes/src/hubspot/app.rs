//! The app as its developer project configures it, and the people of a portal.

/// How the app is set up at HubSpot.
#[derive(Debug, Clone)]
pub struct AppConfig {
    /// Client id.
    pub client_id: String,
    /// Client secret: for tokens, and the key of request signatures.
    pub client_secret: String,
    /// App id.
    pub app_id: u64,
    /// The app's name.
    pub name: String,
    /// Where authorizations may end, compared as they are. None at all: nobody can install.
    pub redirect_urls: Vec<String>,
    /// Scopes that an install URL must name, all of them.
    pub required_scopes: Vec<String>,
    /// Scopes that an install URL may name as `optional_scope`.
    pub optional_scopes: Vec<String>,
    /// A refresh gives a new refresh token, and the old one is void. What HubSpot does is not documented; it was seen to
    /// keep them.
    pub rotates_refresh_tokens: bool,
}

impl Default for AppConfig {
    fn default() -> Self {
        Self {
            client_id: "f6e94c08-85d0-4608-bcc6-e1850176e7b8".to_owned(),
            client_secret: "fake-hubspot-client-secret".to_owned(),
            app_id: 3_000_300,
            name: "300Sync".to_owned(),
            redirect_urls: Vec::new(),
            required_scopes: vec!["oauth".to_owned()],
            optional_scopes: Vec::new(),
            rotates_refresh_tokens: false,
        }
    }
}

/// Someone who uses a portal.
#[derive(Debug, Clone)]
pub struct User {
    /// User id, the same in all of a person's portals.
    pub id: u64,
    /// Address, by which they sign in.
    pub email: String,
    /// May do everything, installing apps among it.
    pub super_admin: bool,
    /// May install apps ("App Marketplace Access").
    pub marketplace_access: bool,
}

impl User {
    /// A super admin.
    pub fn super_admin(id: u64, email: impl Into<String>) -> Self {
        Self {
            id,
            email: email.into(),
            super_admin: true,
            marketplace_access: true,
        }
    }

    /// One who may neither administer nor install.
    pub fn member(id: u64, email: impl Into<String>) -> Self {
        Self {
            id,
            email: email.into(),
            super_admin: false,
            marketplace_access: false,
        }
    }

    /// One who may install apps, but is no super admin.
    pub fn installer(id: u64, email: impl Into<String>) -> Self {
        Self {
            marketplace_access: true,
            ..Self::member(id, email)
        }
    }
}
