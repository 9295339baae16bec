import { wordSet } from "./words.ts";

/** Who issues credentials that look like nothing but noise: a value beside such a name is one. */
const providers = wordSet(`
  adafruit adobe adyen airtable algolia alibaba anthropic artifactory asana atlassian authress beamer bitbucket bittrex
  braintree buildkite cloudflare codecov cohere coinbase confluent contentful contribsys databricks datadog
  digitalocean discord doppler droneci dropbox duffel dynatrace easypost elevenlabs etsy facebook fastly finicity
  finnhub flickr flutterwave frameio freshbooks gitter gocardless grafana heroku honeycomb hubspot huggingface intercom
  jfrog jira kraken kucoin launchdarkly linkedin looker mailchimp mailgun mapbox mattermost maxmind meraki messagebird
  mixpanel netlify newrelic nytimes octopus okta openai openrouter opsgenie pagerduty pinecone plaid planetscale
  postman postmark pulumi rapidapi rollbar scalingo sendbird sendgrid sendinblue sentry shippo shodan shopify snyk
  sonar sonarqube sourcegraph splunk squarespace stripe sumo sumologic supabase telegram travisci trello twilio twitch
  twitter typeform yandex zendesk zoom
`);

export const providerMarks: readonly string[] = [...providers];

/** `cloudflare`, `SONAR_LOGIN`, `messageBirdClientId`, `sonar.login`: whose, and nothing that says it is no secret. */
export function isProvider(name: string): boolean {
  const bare = name.toLowerCase().replaceAll(/[._-]/g, "").replace(suffix, "");
  return providers.has(bare);
}

const suffix = /(?:api|client|app|access|user|login|account|global|origin|ca|dev|prod|test|id)*$/;
