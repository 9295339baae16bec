import { wordSet } from "./words.ts";

/**
 * Who issues credentials that look like nothing but noise: a value beside such a name is one. A hyphen stands where some
 * part the name.
 */
const providers = wordSet(`
  adafruit adobe adyen airtable algolia alibaba anthropic artifactory asana assemblyai atlassian authress
  beamer bintray bitbucket bittrex braintree buildkite cerebras cloudflare codecov cohere coinbase
  confluence confluent contentful contribsys databricks datadog deepgram digital-ocean discord doppler
  droneci dropbox duffel dynatrace easypost elevenlabs etsy facebook fastly finicity finnhub firebase flickr
  flutterwave frameio freshbooks gitter gocardless grafana groq heroku honeycomb hub-spot hugging-face
  intercom jfrog jira kraken kucoin launch-darkly linear linked-in linode looker mailchimp mailgun mapbox
  mattermost maxmind meraki message-bird mistral mixpanel netlify new-relic new-york-times nytimes octopus
  okta openai openrouter opsgenie pager-duty pinecone plaid planet-scale postman postmark private-ai pulumi
  rapidapi rollbar scalingo sendbird sendgrid sendinblue sentry shippo shodan shopify snyk sonar sonarqube
  sourcegraph splunk squarespace stripe sumo sumo-logic supabase telegram travis trello twilio twitch
  twitter typeform vultr xray yandex zendesk zoom
`);

const bareProviders = new Set([...providers].map((name) => name.replaceAll("-", "")));

/** The longest part of each. */
export const providerMarks: readonly string[] = [...providers].map(
  (name) => name.split("-").toSorted((a, b) => b.length - a.length)[0] ?? name,
);

/** `cloudflare`, `SONAR_LOGIN`, `messageBirdClientId`, `sonar.login`: whose, and nothing that says it is no secret. */
export function isProvider(name: string): boolean {
  const bare = name.toLowerCase().replaceAll(/[._-]/g, "").replace(suffix, "");
  return bareProviders.has(bare);
}

const suffix = /(?:ci|api|client|app|access|user|login|account|global|origin|ca|dev|prod|test|id)*$/;
