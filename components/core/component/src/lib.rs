//! The core library as a WebAssembly component: what `wit/core.wit` exports, handed through.

/// Pages are thousands of short texts: this one gives and takes them faster than the standard library's.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

#[allow(missing_docs, clippy::all, reason = "generated")]
mod generated {
    wit_bindgen::generate!({
        path: "../../../wit",
        world: "core",
        // The library speaks in the types that callers see: the exports take and give the same ones.
        with: {
            "sync300:core/catalog@0.1.0/region": sync300_core::catalog::Region,
            "sync300:core/catalog@0.1.0/property": sync300_core::catalog::Property,
            "sync300:core/catalog@0.1.0/stage": sync300_core::catalog::Stage,
            "sync300:core/catalog@0.1.0/pipeline": sync300_core::catalog::Pipeline,
            "sync300:core/catalog@0.1.0/direction": sync300_core::catalog::Direction,
            "sync300:core/catalog@0.1.0/rule": sync300_core::catalog::Rule,
            "sync300:core/catalog@0.1.0/lookup": sync300_core::catalog::Lookup,
            "sync300:core/catalog@0.1.0/tier": sync300_core::catalog::Tier,
            "sync300:core/catalog@0.1.0/companion": sync300_core::catalog::Companion,
            "sync300:core/catalog@0.1.0/object": sync300_core::catalog::Object,
            "sync300:core/catalog@0.1.0/relation": sync300_core::catalog::Relation,
            "sync300:core/catalog@0.1.0/relation-stream": sync300_core::catalog::RelationStream,
            "sync300:core/catalog@0.1.0/field-type": sync300_core::catalog::FieldType,
            "sync300:core/catalog@0.1.0/source-field": sync300_core::catalog::SourceField,
            "sync300:core/catalog@0.1.0/connector": sync300_core::catalog::Connector,
            "sync300:core/actions@0.1.0/input-kind": sync300_core::actions::InputKind,
            "sync300:core/actions@0.1.0/input": sync300_core::actions::Input,
            "sync300:core/actions@0.1.0/action": sync300_core::actions::Action,
            "sync300:core/actions@0.1.0/request": sync300_core::actions::Request,
            "sync300:core/actions@0.1.0/look-up": sync300_core::actions::LookUp,
            "sync300:core/actions@0.1.0/step": sync300_core::actions::Step,
            "sync300:core/actions@0.1.0/action-error": sync300_core::actions::ActionError,
            "sync300:core/actions@0.1.0/choice": sync300_core::actions::Choice,
            "sync300:core/actions@0.1.0/option-page": sync300_core::actions::OptionPage,
            "sync300:core/auth@0.1.0/kind": sync300_core::auth::Kind,
            "sync300:core/auth@0.1.0/parameter": sync300_core::auth::Parameter,
            "sync300:core/auth@0.1.0/scheme": sync300_core::auth::Scheme,
            "sync300:core/auth@0.1.0/client": sync300_core::auth::Client,
            "sync300:core/auth@0.1.0/place": sync300_core::auth::Place,
            "sync300:core/auth@0.1.0/request": sync300_core::auth::Request,
            "sync300:core/auth@0.1.0/parameter-error": sync300_core::auth::ParameterError,
            "sync300:core/auth@0.1.0/sign-in": sync300_core::auth::SignIn,
            "sync300:core/auth@0.1.0/token-set": sync300_core::auth::TokenSet,
            "sync300:core/auth@0.1.0/account": sync300_core::auth::Account,
            "sync300:core/provider@0.1.0/target": sync300_core::provider::Target,
            "sync300:core/provider@0.1.0/request": sync300_core::provider::Request,
            "sync300:core/mapping@0.1.0/rule": sync300_core::mapping::Rule,
            "sync300:core/mapping@0.1.0/alias": sync300_core::mapping::Alias,
            "sync300:core/mapping@0.1.0/plan": sync300_core::mapping::Plan,
            "sync300:core/mapping@0.1.0/field-error": sync300_core::mapping::FieldError,
            "sync300:core/mapping@0.1.0/field": sync300_core::mapping::Field,
            "sync300:core/mapping@0.1.0/companion": sync300_core::mapping::Companion,
            "sync300:core/mapping@0.1.0/match-key": sync300_core::mapping::MatchKey,
            "sync300:core/mapping@0.1.0/relation-set": sync300_core::mapping::RelationSet,
            "sync300:core/mapping@0.1.0/mapped-record": sync300_core::mapping::MappedRecord,
            "sync300:core/mapping@0.1.0/page": sync300_core::mapping::Page,
            "sync300:core/mapping@0.1.0/relation-row": sync300_core::mapping::RelationRow,
            "sync300:core/mapping@0.1.0/relation-page": sync300_core::mapping::RelationPage,
            "sync300:core/mapping@0.1.0/page-error": sync300_core::mapping::PageError,
            "sync300:core/mapping@0.1.0/hubspot-record": sync300_core::mapping::HubspotRecord,
            "sync300:core/mapping@0.1.0/hubspot-error": sync300_core::mapping::HubspotError,
            "sync300:core/mapping@0.1.0/hubspot-page": sync300_core::mapping::HubspotPage,
            "sync300:core/mapping@0.1.0/write-input": sync300_core::mapping::WriteInput,
            "sync300:core/mapping@0.1.0/field-times": sync300_core::mapping::FieldTimes,
            "sync300:core/mapping@0.1.0/provider-write": sync300_core::mapping::ProviderWrite,
            "sync300:core/mapping@0.1.0/lookup": sync300_core::mapping::Lookup,
            "sync300:core/mapping@0.1.0/provider-request": sync300_core::mapping::ProviderRequest,
            "sync300:core/mapping@0.1.0/direction": sync300_core::mapping::Direction,
            "sync300:core/mapping@0.1.0/plan-field": sync300_core::mapping::PlanField,
            "sync300:core/mapping@0.1.0/plan-summary": sync300_core::mapping::PlanSummary,
            "sync300:core/matching@0.1.0/claim": sync300_core::matching::Claim,
            "sync300:core/matching@0.1.0/reason": sync300_core::matching::Reason,
            "sync300:core/matching@0.1.0/verdict": sync300_core::matching::Verdict,
            "sync300:core/matching@0.1.0/outcome": sync300_core::matching::Outcome,
            "sync300:core/reconciling@0.1.0/strategy": sync300_core::reconciling::Strategy,
            "sync300:core/reconciling@0.1.0/direction": sync300_core::reconciling::Direction,
            "sync300:core/reconciling@0.1.0/field": sync300_core::reconciling::Field,
            "sync300:core/reconciling@0.1.0/begun": sync300_core::reconciling::Begun,
            "sync300:core/reconciling@0.1.0/pair": sync300_core::reconciling::Pair,
            "sync300:core/reconciling@0.1.0/decision": sync300_core::reconciling::Decision,
            "sync300:core/reconciling@0.1.0/memory": sync300_core::reconciling::Memory,
            "sync300:core/classifying@0.1.0/class": sync300_core::classifying::Class,
            "sync300:core/classifying@0.1.0/verdict": sync300_core::classifying::Verdict,
            "sync300:core/webhooks@0.1.0/subscription": sync300_core::webhooks::Subscription,
            "sync300:core/webhooks@0.1.0/scheme": sync300_core::webhooks::Scheme,
            "sync300:core/webhooks@0.1.0/encoding": sync300_core::webhooks::Encoding,
            "sync300:core/webhooks@0.1.0/new-webhook": sync300_core::webhooks::NewWebhook,
            "sync300:core/webhooks@0.1.0/renewal": sync300_core::webhooks::Renewal,
            "sync300:core/webhooks@0.1.0/activation": sync300_core::webhooks::Activation,
            "sync300:core/webhooks@0.1.0/wish": sync300_core::webhooks::Wish,
            "sync300:core/webhooks@0.1.0/request": sync300_core::webhooks::Request,
            "sync300:core/webhooks@0.1.0/status": sync300_core::webhooks::Status,
            "sync300:core/webhooks@0.1.0/webhook": sync300_core::webhooks::Webhook,
            "sync300:core/webhooks@0.1.0/event-kind": sync300_core::webhooks::EventKind,
            "sync300:core/webhooks@0.1.0/event": sync300_core::webhooks::Event,
        },
        generate_all,
    });
}

use generated::exports::sync300::core as wit;
use sync300_core::{
    actions, auth, catalog, classifying, mapping, matching, provider, reconciling, webhooks,
};

struct Core;

generated::export!(Core with_types_in generated);

/// Names and values.
type Values = Vec<(String, String)>;

impl wit::actions::Guest for Core {
    fn list(connector: String) -> Result<Vec<actions::Action>, String> {
        actions::list(&connector)
    }

    fn prepare(
        connector: String,
        action: String,
        given: Values,
    ) -> Result<Values, actions::ActionError> {
        actions::prepare(&connector, &action, &given)
    }

    fn next_step(
        connector: String,
        base_url: String,
        action: String,
        values: Values,
        done: u32,
    ) -> Result<actions::Step, actions::ActionError> {
        actions::next_step(&connector, &base_url, &action, &values, done)
    }

    fn found(
        connector: String,
        action: String,
        index: u32,
        values: Values,
        body: Vec<u8>,
    ) -> Result<Values, actions::ActionError> {
        actions::found(&connector, &action, index, &values, &body)
    }

    fn written(connector: String, action: String, body: Vec<u8>) -> Option<String> {
        actions::written(&connector, &action, &body)
    }

    fn notes(connector: String, action: String, values: Values) -> Vec<String> {
        actions::notes(&connector, &action, &values)
    }

    fn options_request(
        connector: String,
        base_url: String,
        name: String,
        search: Option<String>,
        after: Option<String>,
    ) -> Result<actions::Request, String> {
        actions::options_request(
            &connector,
            &base_url,
            &name,
            search.as_deref(),
            after.as_deref(),
        )
    }

    fn read_options(
        connector: String,
        base_url: String,
        name: String,
        body: Vec<u8>,
    ) -> Result<actions::OptionPage, String> {
        actions::read_options(&connector, &base_url, &name, &body)
    }
}

impl wit::auth::Guest for Core {
    fn describe(connector: String) -> Result<auth::Scheme, String> {
        auth::describe(&connector)
    }

    fn authorize_url(
        place: auth::Place,
        redirect_uri: String,
        state: String,
        challenge: Option<String>,
    ) -> Result<String, String> {
        auth::authorize_url(&place, &redirect_uri, &state, challenge.as_deref())
    }

    fn code_request(
        place: auth::Place,
        redirect_uri: String,
        code: String,
        verifier: Option<String>,
    ) -> Result<auth::Request, String> {
        auth::code_request(&place, &redirect_uri, &code, verifier.as_deref())
    }

    fn sign_in_request(
        place: auth::Place,
        parameters: Vec<(String, String)>,
    ) -> Result<auth::SignIn, auth::ParameterError> {
        auth::sign_in_request(&place, &parameters)
    }

    fn refresh_request(place: auth::Place, refresh_token: String) -> Result<auth::Request, String> {
        auth::refresh_request(&place, &refresh_token)
    }

    fn revoke_request(
        place: auth::Place,
        access_token: String,
    ) -> Result<Option<auth::Request>, String> {
        auth::revoke_request(&place, &access_token)
    }

    fn account_request(
        place: auth::Place,
        parameters: Vec<(String, String)>,
    ) -> Result<auth::Request, String> {
        auth::account_request(&place, &parameters)
    }

    fn headers(place: auth::Place, access_token: String) -> Result<Vec<(String, String)>, String> {
        auth::headers(&place, &access_token)
    }

    fn read_tokens(body: Vec<u8>) -> Option<auth::TokenSet> {
        auth::read_tokens(&body)
    }

    fn read_account(
        connector: String,
        parameters: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> Option<auth::Account> {
        auth::read_account(&connector, &parameters, &body)
    }
}

impl wit::catalog::Guest for Core {
    fn connectors() -> Vec<String> {
        catalog::connectors()
    }

    fn describe(id: String) -> Result<catalog::Connector, String> {
        catalog::describe(&id)
    }

    fn source_fields(
        connector: String,
        object: String,
    ) -> Result<Vec<catalog::SourceField>, String> {
        catalog::source_fields(&connector, &object)
    }
}

impl wit::provider::Guest for Core {
    fn list_request(
        target: provider::Target,
        since: Option<u64>,
    ) -> Result<provider::Request, String> {
        provider::list_request(&target, since)
    }

    fn next_request(target: provider::Target, cursor: String) -> Result<provider::Request, String> {
        provider::next_request(&target, &cursor)
    }

    fn ids_request(
        target: provider::Target,
        ids: Vec<String>,
    ) -> Result<provider::Request, String> {
        provider::ids_request(&target, &ids)
    }

    fn sweep_request(target: provider::Target) -> Result<Option<provider::Request>, String> {
        provider::sweep_request(&target)
    }

    fn record_request(target: provider::Target, id: String) -> Result<provider::Request, String> {
        provider::record_request(&target, &id)
    }
}

impl wit::mapping::Guest for Core {
    fn map_page(plan: mapping::Plan, body: Vec<u8>) -> Result<mapping::Page, mapping::PageError> {
        mapping::map_page(&plan, &body)
    }

    fn map_relations(
        connector: String,
        stream: String,
        base_url: String,
        body: Vec<u8>,
    ) -> Result<mapping::RelationPage, mapping::PageError> {
        mapping::map_relations(&connector, &stream, &base_url, &body)
    }

    fn read_hubspot(
        plan: mapping::Plan,
        body: Vec<u8>,
        values: bool,
    ) -> Result<mapping::HubspotPage, mapping::PageError> {
        mapping::read_hubspot(&plan, &body, values)
    }

    fn read_companions(
        plan: mapping::Plan,
        body: Vec<u8>,
    ) -> Result<Vec<mapping::Companion>, mapping::PageError> {
        mapping::read_companions(&plan, &body)
    }

    fn read_history(
        plan: mapping::Plan,
        written: String,
        body: Vec<u8>,
    ) -> Result<Vec<mapping::FieldTimes>, mapping::PageError> {
        mapping::read_history(&plan, &written, &body)
    }

    fn write_body(inputs: Vec<mapping::WriteInput>) -> Vec<u8> {
        mapping::write_body(&inputs)
    }

    fn write_requests(
        plan: mapping::Plan,
        body: Vec<u8>,
        writes: Vec<mapping::ProviderWrite>,
    ) -> Result<Vec<mapping::ProviderRequest>, mapping::PageError> {
        mapping::write_requests(&plan, &body, &writes)
    }

    fn create_requests(
        plan: mapping::Plan,
        records: Vec<mapping::ProviderWrite>,
    ) -> Result<Vec<mapping::ProviderRequest>, mapping::PageError> {
        mapping::create_requests(&plan, &records)
    }

    fn read_lookup(
        plan: mapping::Plan,
        field: u32,
        name: String,
        body: Vec<u8>,
    ) -> Result<Option<String>, mapping::PageError> {
        mapping::read_lookup(&plan, field, &name, &body)
    }

    fn describe_plan(plan: mapping::Plan) -> Result<mapping::PlanSummary, String> {
        mapping::describe_plan(&plan)
    }
}

impl wit::matching::Guest for Core {
    fn settle(claims: Vec<matching::Claim>, linked: Vec<String>) -> Vec<matching::Outcome> {
        matching::settle(&claims, &linked)
    }
}

impl wit::reconciling::Guest for Core {
    fn touched(
        fields: Vec<reconciling::Field>,
        sides: Vec<(Option<String>, Vec<Option<reconciling::Fingerprint>>)>,
    ) -> Vec<bool> {
        reconciling::touched(&fields, &sides)
    }

    fn reconcile(
        fields: Vec<reconciling::Field>,
        strategy: reconciling::Strategy,
        pairs: Vec<reconciling::Pair>,
    ) -> Vec<reconciling::Decision> {
        reconciling::reconcile(&fields, strategy, &pairs)
    }

    fn remember(
        fields: Vec<reconciling::Field>,
        memories: Vec<reconciling::Memory>,
    ) -> Vec<String> {
        reconciling::remember(&fields, &memories)
    }
}

impl wit::classifying::Guest for Core {
    fn hubspot(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> classifying::Verdict {
        classifying::hubspot(status, &headers, &body)
    }

    fn provider(
        connector: String,
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> classifying::Verdict {
        classifying::provider(&connector, status, &headers, &body)
    }

    fn token(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> classifying::Verdict {
        classifying::token(status, &headers, &body)
    }
}

impl wit::webhooks::Guest for Core {
    fn describe(connector: String) -> Result<Option<webhooks::Scheme>, String> {
        webhooks::describe(&connector)
    }

    fn request_for(
        connector: String,
        base_url: String,
        wish: webhooks::Wish,
    ) -> Result<webhooks::Request, String> {
        webhooks::request_for(&connector, &base_url, &wish)
    }

    fn read_webhooks(connector: String, body: Vec<u8>) -> Vec<webhooks::Webhook> {
        webhooks::read_webhooks(&connector, &body)
    }

    fn read_event(connector: String, body: Vec<u8>) -> Option<webhooks::Event> {
        webhooks::read_event(&connector, &body)
    }

    fn read_handshake(connector: String, body: Vec<u8>) -> Option<String> {
        webhooks::read_handshake(&connector, &body)
    }
}
