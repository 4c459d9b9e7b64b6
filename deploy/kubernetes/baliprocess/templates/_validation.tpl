{{/* What contradicts itself or is missing, a line each that says what to do; empty when all is well. */}}
{{- define "baliprocess.problems" -}}
{{- include "baliprocess.certificateProblems" . -}}
{{- include "baliprocess.tokenProblems" . -}}
{{- range $name := list "membership" "meetings" "capacity" "gateway" -}}
{{- $component := dict "root" $ "name" $name "values" (include "baliprocess.values" (dict "root" $ "name" $name) | fromJson) -}}
{{- include "baliprocess.scaleProblems" $component -}}
{{- if ne $name "gateway" }}{{ include "baliprocess.storeProblems" $component }}{{ end -}}
{{- end -}}
{{- include "baliprocess.gatewayProblems" . -}}
{{- include "baliprocess.otherProblems" . -}}
{{- end -}}

{{- define "baliprocess.certificateProblems" -}}
{{- $fullname := include "baliprocess.fullname" . -}}
{{- with .Values.certificates -}}
{{- if eq .source "secrets" -}}
{{- range $name := list "membership" "meetings" "capacity" "gateway" -}}
{{- if not (get $.Values.certificates.secrets $name) }}
certificates.secrets.{{ $name }}: name the secret with the certificate of {{ $name }}, for {{ include "baliprocess.host" (dict "root" $ "name" $name) }}: kubectl create secret generic NAME --from-file=tls.crt --from-file=tls.key --from-file=ca.crt
{{- end -}}
{{- end -}}
{{- else if eq .source "certManager" -}}
{{- if eq .certManager.createAuthority (gt (len .certManager.issuerRef) 0) }}
certificates.certManager: set createAuthority to true, or name an issuer in issuerRef: one of both
{{- end -}}
{{- else }}
certificates.source: choose certManager, or secrets for certificates that are there already
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "baliprocess.tokenProblems" -}}
{{- with .Values.tokens -}}
{{- $file := or .existingConfigMap .existingSecret -}}
{{- if not (or .jwksUrl .oidcIssuer (and $file (or .jwksKey .issuersKey))) }}
tokens: say whose tokens are good: existingConfigMap with the keys (kubectl create configmap NAME --from-file=jwks.json), jwksUrl or oidcIssuer
{{- end -}}
{{- if and .existingConfigMap .existingSecret }}
tokens: existingConfigMap and existingSecret exclude each other
{{- end -}}
{{- if and .jwksUrl $file .jwksKey }}
tokens: jwksUrl and a file of keys exclude each other; set jwksKey to "" where the file has a list of issuers alone
{{- end -}}
{{- if and .issuersKey (not $file) }}
tokens.issuersKey: name the ConfigMap or the secret that has it, in existingConfigMap or existingSecret
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "baliprocess.scaleProblems" -}}
{{- $replicas := include "baliprocess.replicas" . | int -}}
{{- $service := ne .name "gateway" -}}
{{- if and $service (eq .root.Values.profile "sqlite") -}}
{{- if .values.autoscaling.enabled }}
{{ .name }}.autoscaling: SQLite has one replica; use profile postgres for more
{{- else if ne $replicas 1 }}
{{ .name }}.replicas: SQLite has one replica, and {{ $replicas }} are asked for; each would have records of its own. Use profile postgres for more
{{- end -}}
{{- else if and $service (lt $replicas 2) }}
{{ .name }}.replicas: profile postgres has two replicas or more, or else no update goes without failed calls
{{- else if lt $replicas 1 }}
{{ .name }}.replicas: at least 1
{{- end -}}
{{- with .values.autoscaling -}}
{{- if .enabled -}}
{{- if lt (int .maxReplicas) (int .minReplicas) }}
{{ $.name }}.autoscaling: maxReplicas is less than minReplicas
{{- end -}}
{{- if not (dig "requests" "cpu" "" $.values.resources) }}
{{ $.name }}.autoscaling: set resources.requests.cpu, of which targetCPU is a part
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "baliprocess.storeProblems" -}}
{{- $store := .values.store -}}
{{- if eq .root.Values.profile "postgres" -}}
{{- if and (not $store.url) (not $store.urlKey) }}
{{ .name }}.store.url: say where its database is: postgresql://USER@HOST/DATABASE
{{- end -}}
{{- if and $store.urlKey (not $store.existingSecret) }}
{{ .name }}.store.existingSecret: name the secret that has {{ $store.urlKey }}
{{- end -}}
{{- if and $store.url $store.urlKey }}
{{ .name }}.store: url and urlKey exclude each other
{{- end -}}
{{- if regexMatch "://[^/@]*:[^/@]*@|[?&]password=" $store.url }}
{{ .name }}.store.url: must have no password; put it into a secret, and name that in {{ .name }}.store.existingSecret
{{- end -}}
{{- if .values.shipping.enabled }}
{{ .name }}.shipping: is for profile sqlite; keep an archive of PostgreSQL's log instead, as docs/operate/backup.md tells
{{- end -}}
{{- if and .values.erasures.enabled (hasKey .values.settings "erasure_list") }}
{{ .name }}.erasures: excludes {{ .name }}.settings.erasure_list, which says where the list is instead
{{- end -}}
{{- else -}}
{{- if .values.erasures.enabled }}
{{ .name }}.erasures: is for profile postgres; with sqlite the list is in the volume of records
{{- end -}}
{{- if or $store.url $store.urlKey $store.existingSecret }}
{{ .name }}.store: is for profile postgres; set profile to postgres, or leave store out
{{- end -}}
{{- end -}}
{{- if and (eq .name "capacity") (not .values.identityKey.existingSecret) }}
capacity.identityKey.existingSecret: name the secret with the key by which practitioners are found again, and keep a copy elsewhere: openssl rand -out identity.key 32; kubectl create secret generic NAME --from-file=identity.key
{{- end -}}
{{- end -}}

{{- define "baliprocess.gatewayProblems" -}}
{{- with .Values.gateway -}}
{{- if and .certificate.dnsNames (not .certificate.existingSecret) (ne $.Values.certificates.source "certManager") }}
gateway.certificate.dnsNames: is for certificates.source certManager; name a secret in gateway.certificate.existingSecret
{{- end -}}
{{- if and .ingress.enabled (not .ingress.hosts) }}
gateway.ingress.hosts: say by which names clients come
{{- end -}}
{{- if and .route.kind (not (and .route.hostnames .route.parentRefs)) }}
gateway.route: needs parentRefs and hostnames
{{- end -}}
{{- $names := or .certificate.existingSecret (and .certificate.dnsNames .certificate.issuerRef) -}}
{{- if and $names (not $.Values.clients.server) }}
clients.server: the gateway shows gateway.certificate, whose names the chart doesn't know: say HOST:PORT with one of them, for Jobs and tests, and who signed it in clients.authority
{{- end -}}
{{- with .clientCertificates -}}
{{- $identities := or .identities.existingConfigMap .identities.existingSecret -}}
{{- if and (ne .mode "none") (not (or .authority.existingConfigMap .authority.existingSecret)) }}
gateway.clientCertificates.authority: say who signs certificates of clients
{{- end -}}
{{- if and $identities (not (and .signingKey.existingSecret $.Values.tokens.issuersKey)) }}
gateway.clientCertificates.identities: need signingKey.existingSecret, and tokens.issuersKey with its public half
{{- end -}}
{{- if and (eq .mode "none") (or $identities .signingKey.existingSecret) }}
gateway.clientCertificates.mode: set it to optional or required, or leave identities and signingKey out
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "baliprocess.otherProblems" -}}
{{- with .Values.drain -}}
{{- if and (not (kindIs "invalid" .graceSeconds)) (le (int .graceSeconds) (int (add .delaySeconds .deadlineSeconds))) }}
drain.graceSeconds: must be more than delaySeconds and deadlineSeconds together, {{ add .delaySeconds .deadlineSeconds }}; leave it out for 10 s more
{{- end -}}
{{- end -}}
{{- if and .Values.load.enabled (not .Values.load.token.existingSecret) }}
load.token.existingSecret: name the secret with a token of the secretariat
{{- end -}}
{{- with .Values.backup -}}
{{- if and .enabled (not .command) (not .existingClaim) }}
backup.existingClaim: name the claim where backups are kept; the chart makes none, so that none goes with the release
{{- end -}}
{{- if and .enabled (not .command) (eq $.Values.profile "postgres") (not .image) }}
backup.image: name an image with pg_dump, of the server's version or a newer one, such as postgres:15
{{- end -}}
{{- if eq (include "baliprocess.backupAsksServices" $) "true" -}}
{{- if not .token.existingSecret }}
backup.token.existingSecret: name the secret with a token of an operator: balictl token --role operator; kubectl create secret generic NAME --from-file=token
{{- end -}}
{{- end -}}
{{- end -}}
{{- if and .Values.verify.enabled (not .Values.verify.token.existingSecret) }}
verify.token.existingSecret: name the secret with a token of an operator: balictl token --role operator; kubectl create secret generic NAME --from-file=token
{{- end -}}
{{- if include "baliprocess.operators" . | fromJsonArray -}}
{{- if ne (include "baliprocess.hasOperator" $) "true" }}
certificates.secrets.operator: name the secret with a certificate of the operator, for {{ include "baliprocess.clientName" (dict "root" $ "name" "operator") }}: services give copies of their stores, and what verify asks, to nobody else
{{- end -}}
{{- end -}}
{{- if and (or .Values.tokens.existingConfigMap .Values.tokens.existingSecret) (not (compact (concat (list .Values.tokens.jwksKey .Values.tokens.issuersKey) .Values.tokens.moreKeys))) }}
tokens: say which files of the ConfigMap or the secret are needed: jwksKey, issuersKey or moreKeys
{{- end -}}
{{- if and .Values.monitoring.rules.enabled (not (.Files.Get "files/rules.yaml")) }}
monitoring.rules: this copy of the chart has no rules; deploy/kubernetes/copy-monitoring brings them from deploy/monitoring
{{- end -}}
{{- if and .Values.monitoring.dashboards.enabled (not (.Files.Glob "files/dashboards/*.json")) }}
monitoring.dashboards: this copy of the chart has no dashboards; deploy/kubernetes/copy-monitoring brings them from deploy/monitoring
{{- end -}}
{{- end -}}
