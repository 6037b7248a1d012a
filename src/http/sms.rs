//! What a page needs beside the field for a phone number.

use super::extract::Request;
use super::problem::problems;
use crate::domain::sms_limits::Country;
use crate::service::Service;
use crate::service::caller::BridgeCaller;
use actix_web::{HttpResponse, get, web};
use serde::Serialize;
use utoipa::ToSchema;

problems!(CountriesProblems: Unauthenticated, Forbidden, Unavailable);

/// A country that text messages can be sent to.
#[derive(Serialize, ToSchema)]
#[schema(as = Country)]
pub struct CountryBody {
    /// ISO 3166-1 alpha-2.
    #[schema(example = "DE")]
    country: String,
    #[schema(example = "+49")]
    calling_code: String,
}

/// The countries that text messages can be sent to.
#[derive(Serialize, ToSchema)]
#[schema(as = Countries)]
pub struct CountriesBody {
    /// By their ids; none where the service sends no text messages.
    countries: Vec<CountryBody>,
}

/// List the countries that text messages can be sent to
///
/// For the choice of a country beside a phone number. Needs the role `bridge`.
#[utoipa::path(
    tag = "Logins",
    operation_id = "sms_countries",
    responses((status = 200, description = "What the operator allows.", body = CountriesBody), CountriesProblems),
    security(("api_key" = ["bridge"]))
)]
#[get("/v1/sms/countries")]
pub async fn sms_countries(service: web::Data<Service>, request: Request<BridgeCaller>) -> HttpResponse {
    let countries = service.sms_countries(&request.by).into_iter();
    let body = |country: Country| CountryBody { country: country.id, calling_code: country.calling_code };
    HttpResponse::Ok().json(CountriesBody { countries: countries.map(body).collect() })
}
