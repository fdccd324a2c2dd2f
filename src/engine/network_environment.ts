/**
 * What the programs of a sandbox are told about its network. The ports and paths are the guest agent's
 * (`GuestNetworkPlan` and `TrustedCertificates` in swift-helper/).
 *
 * @module
 */
import type { NetworkPlan } from "./network_plan.ts";

const PROXY = "http://127.0.0.1:18018";
const LOOPBACK = "localhost,127.0.0.1,::1";
/** The image's authorities and the host's own. */
const BUNDLE = "/run/silo/ca-bundle.pem";
/** The same for Java. */
const JAVA_STORE = "/run/silo/ca-bundle.jks";
/** The host's own alone, for programs that have a list of their own. */
const ADDED = "/run/silo/host-certificates.pem";

/**
 * Variables for a run with a network; none without. Programs that read none of them are served all the same, by DNS.
 *
 * Both cases: curl reads `http_proxy` in lower case only, others in upper case only.
 */
export function networkEnvironment(network: NetworkPlan | null): Record<string, string> {
  if (network === null) return {};
  const proxies = { http_proxy: PROXY, https_proxy: PROXY, all_proxy: PROXY, no_proxy: LOOPBACK };
  const upper = Object.entries(proxies).map(([name, value]) => [name.toUpperCase(), value]);
  return {
    ...proxies,
    ...Object.fromEntries(upper),
    NODE_USE_ENV_PROXY: "1", // node's own fetch, from 22.21 and 24
    ...(network.certificates === "" && network.secrets.length === 0 ? {} : certificateVariables()),
  };
}

function certificateVariables(): Record<string, string> {
  return {
    SSL_CERT_FILE: BUNDLE, // OpenSSL, python's ssl, go, ruby, uv
    CURL_CA_BUNDLE: BUNDLE,
    REQUESTS_CA_BUNDLE: BUNDLE,
    PIP_CERT: BUNDLE,
    GIT_SSL_CAINFO: BUNDLE,
    CARGO_HTTP_CAINFO: BUNDLE,
    AWS_CA_BUNDLE: BUNDLE,
    NODE_EXTRA_CA_CERTS: ADDED,
    DENO_CERT: ADDED,
    JAVA_TOOL_OPTIONS: `-Djavax.net.ssl.trustStore=${JAVA_STORE}`,
  };
}
