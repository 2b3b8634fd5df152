"""What is asked of Trackdéchets, in GraphQL, with the names of its schema."""

_FORM = "id readableId customId status"
FORM = f"query Form($id: ID!) {{ form(id: $id) {{ {_FORM} }} }}"
FORMS = (
    "query Forms($siret: String, $updatedAfter: String, $first: Int, $cursorAfter: ID) "
    "{ forms(siret: $siret, updatedAfter: $updatedAfter, first: $first, cursorAfter: $cursorAfter) "
    f"{{ {_FORM} }} }}"
)
CREATE = (
    "mutation CreateForm($createFormInput: CreateFormInput!) "
    f"{{ createForm(createFormInput: $createFormInput) {{ {_FORM} }} }}"
)
SEAL = f"mutation MarkAsSealed($id: ID!) {{ markAsSealed(id: $id) {{ {_FORM} }} }}"
SIGN_EMISSION = (
    "mutation SignEmissionForm($id: ID!, $input: SignEmissionFormInput!, $securityCode: Int) "
    f"{{ signEmissionForm(id: $id, input: $input, securityCode: $securityCode) {{ {_FORM} }} }}"
)
SIGN_TRANSPORT = (
    "mutation SignTransportForm($id: ID!, $input: SignTransportFormInput!, $securityCode: Int) "
    f"{{ signTransportForm(id: $id, input: $input, securityCode: $securityCode) {{ {_FORM} }} }}"
)
LISTEN = (
    "mutation CreateWebhookSetting($input: WebhookSettingCreateInput!) "
    "{ createWebhookSetting(input: $input) { id endpointUri orgId activated } }"
)
