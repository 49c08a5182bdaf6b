//! What people do in a browser: install, connect, buy and change a plan, by the application's own pages.

use sync300_fakes::stripe::Disorder;

use super::{Platform, PlatformError};
use crate::browser::{Browser, Seen};

impl Platform {
    /// Installs the app in a portal, as one of its users.
    pub async fn install(
        &self,
        browser: &mut Browser,
        portal: u64,
        user: u64,
    ) -> Result<Seen, PlatformError> {
        let asked = browser.open("/oauth/hubspot/start").await?;
        let at_hubspot = browser.follow(&asked, "Connect app").await?;
        let account = format!("{portal}:{user}");
        let end = browser
            .press(&at_hubspot, "Connect app", &[("account", &account)])
            .await?;
        let pages = format!("{}/integrations-settings/{portal}/", self.hubspot.url());
        match end.status == 200 && end.url.as_str().starts_with(&pages) {
            true => Ok(end),
            false => Err(astray("the app should be installed", &end)),
        }
    }

    /// Begins to connect, up to the provider's sign-in page.
    pub async fn sign_in_page(
        &self,
        browser: &mut Browser,
        region: &str,
    ) -> Result<Seen, PlatformError> {
        let start = format!("/oauth/clio/start?region={region}");
        let asked = browser.open(&start).await?;
        Ok(browser.follow(&asked, "Sign in to Clio").await?)
    }

    /// Connects an account, as the user whose session the browser has.
    pub async fn connect(
        &self,
        browser: &mut Browser,
        region: &str,
        account: u64,
    ) -> Result<Seen, PlatformError> {
        let at_clio = self.sign_in_page(browser, region).await?;
        let account = account.to_string();
        let end = browser
            .press(&at_clio, "Allow access", &[("account", &account)])
            .await?;
        let connected = end.page.data.get("status").map(String::as_str) == Some("connected");
        match end.status == 200 && connected {
            true => Ok(end),
            false => Err(astray("the account should be connected", &end)),
        }
    }

    /// The application's page about plan, usage and billing, as the user whose session the browser has.
    pub async fn billing_page(&self, browser: &mut Browser) -> Result<Seen, PlatformError> {
        let page = browser.open("/billing").await?;
        match page.status {
            200 => Ok(page),
            _ => Err(astray("plan and billing should be shown", &page)),
        }
    }

    /// Buys a plan by one of the page's buttons, e.g. `Professional, monthly`; where the browser ends.
    pub async fn subscribe(
        &self,
        browser: &mut Browser,
        choice: &str,
    ) -> Result<Seen, PlatformError> {
        let page = self.billing_page(browser).await?;
        let asked = browser.press(&page, choice, &[]).await?;
        let at_stripe = browser.follow(&asked, "Subscribe at Stripe").await?;
        let end = browser.press(&at_stripe, "Subscribe", &[]).await?;
        self.webhooks(Disorder::default()).await?;
        Ok(end)
    }

    /// Changes the subscription on Stripe's page: to another price by its lookup key, or, with none, to no plan at all.
    pub async fn change_plan(
        &self,
        browser: &mut Browser,
        price: Option<&str>,
    ) -> Result<Seen, PlatformError> {
        let page = self.billing_page(browser).await?;
        let asked = browser
            .press(&page, "Change or end the subscription", &[])
            .await?;
        let at_stripe = browser
            .follow(&asked, "Change the subscription at Stripe")
            .await?;
        let end = match price {
            Some(price) => {
                browser
                    .press(&at_stripe, "Change", &[("price", price)])
                    .await?
            }
            None => {
                browser
                    .press(&at_stripe, "Cancel subscription", &[])
                    .await?
            }
        };
        self.webhooks(Disorder::default()).await?;
        Ok(end)
    }
}

fn astray(what: &'static str, seen: &Seen) -> PlatformError {
    PlatformError::Astray {
        what,
        url: seen.url.to_string(),
        status: seen.status,
        text: seen.page.text.clone(),
    }
}
