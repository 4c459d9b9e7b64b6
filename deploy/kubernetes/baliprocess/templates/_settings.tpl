{{/* What programs are told: a file of settings each, `name = value`. */}}

{{/* A number as the programs read it: Helm reads whole numbers as fractions. */}}
{{- define "baliprocess.scalar" -}}
{{- if and (kindIs "float64" .) (eq (float64 (int64 .)) .) -}}
{{- int64 . -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}

{{/* Where a service is, for those that ask it. Takes a dict of root and name. */}}
{{- define "baliprocess.address" -}}
{{ include "baliprocess.host" . }}:{{ include "baliprocess.port" . }}
{{- end -}}

{{/* The name by which services know who calls. Takes a dict of root and name. */}}
{{- define "baliprocess.clientName" -}}
{{- get .root.Values.certificates.clientNames .name | default (include "baliprocess.host" .) -}}
{{- end -}}

{{- define "baliprocess.settings" -}}
{{- $settings := dict -}}
{{- range list "ownSettings" "commonSettings" "tokenSettings" -}}
{{- $settings = mustMerge $settings (include (printf "baliprocess.%s" .) $ | fromYaml) -}}
{{- end -}}
{{- $settings = mustMerge $settings .values.settings -}}
{{- range $name, $value := $settings -}}
{{ $name }} = {{ include "baliprocess.scalar" $value }}
{{ end -}}
{{- end -}}

{{- define "baliprocess.commonSettings" -}}
listen: {{ printf "%s:%s" .root.Values.listenAddress (include "baliprocess.port" .) | quote }}
admin_listen: {{ printf "%s:9440" .root.Values.listenAddress | quote }}
admin_allow_remote: true
drain_delay: {{ int .root.Values.drain.delaySeconds }}s
drain_deadline: {{ int .root.Values.drain.deadlineSeconds }}s
{{- with .root.Values.monitoring.otlpEndpoint }}
otlp_endpoint: {{ . }}
{{- end }}
{{- end -}}

{{- define "baliprocess.tokenSettings" -}}
{{- with .root.Values.tokens -}}
{{- if .jwksUrl }}
jwks: {{ .jwksUrl | quote }}
{{- else if and .jwksKey (or .existingConfigMap .existingSecret) }}
jwks: /etc/baliprocess/tokens/{{ .jwksKey }}
{{- end }}
{{- if .issuersKey }}
issuers: /etc/baliprocess/tokens/{{ .issuersKey }}
{{- end }}
{{- if .oidcIssuer }}
oidc_issuer: {{ .oidcIssuer | quote }}
{{- end }}
token_issuer: {{ .issuer | quote }}
token_audience: {{ .audience | quote }}
roles_claim: {{ .rolesClaim | quote }}
member_claim: {{ .memberClaim | quote }}
{{- end -}}
{{- end -}}

{{- define "baliprocess.ownSettings" -}}
{{- if eq .name "gateway" -}}
{{- include "baliprocess.gatewaySettings" . -}}
{{- else -}}
{{- include "baliprocess.serviceSettings" . -}}
{{- end -}}
{{- end -}}

{{- define "baliprocess.serviceSettings" -}}
{{- $root := .root -}}
{{- $callers := include "baliprocess.callers" . | fromJsonArray -}}
{{- if eq (include "baliprocess.hasOperator" .root) "true" }}{{ $callers = append $callers "operator" }}{{ end -}}
{{- $names := list -}}
{{- range $callers }}{{ $names = append $names (include "baliprocess.clientName" (dict "root" $root "name" .)) }}{{ end -}}
tls_cert: /etc/baliprocess/tls/tls.crt
tls_key: /etc/baliprocess/tls/tls.key
tls_client_ca: /etc/baliprocess/authority/ca.crt
client_names: {{ join "," $names }}
{{- $asked := get (dict "membership" list "meetings" (list "membership") "capacity" (list "membership" "meetings")) .name }}
{{- with $asked }}
{{- $peers := list }}
{{- range . }}{{ $peers = append $peers (printf "%s=dns:///%s" . (include "baliprocess.address" (dict "root" $root "name" .))) }}{{ end }}
peers: {{ join "," $peers }}
peer_ca: /etc/baliprocess/authority/ca.crt
{{- end }}
{{- if eq .root.Values.profile "sqlite" }}
store: /var/lib/baliprocess/{{ .name }}.db
{{- if not (hasKey (default dict .values.settings) "erasure_list") }}
erasure_list: /var/lib/baliprocess/{{ .name }}.erasures
{{- end }}
{{- with .values.shipping }}
{{- if .enabled }}
ship_changes: /shipped
keep_shipped: {{ .keep }}
{{- end }}
{{- end }}
{{- else }}
{{- if not .values.store.urlKey }}
store: {{ .values.store.url | quote }}
{{- if .values.store.existingSecret }}
store_password_file: /etc/baliprocess/store/password
{{- end }}
{{- end }}
{{- if .values.erasures.enabled }}
erasure_list: /erasures/{{ .name }}.erasures
{{- end }}
{{- end }}
{{- if eq .name "capacity" }}
identity_key_file: /etc/baliprocess/identity/identity.key{{ if .values.identityKey.previousKey }},/etc/baliprocess/identity/previous.key{{ end }}
{{- end }}
{{- end -}}

{{- define "baliprocess.gatewaySettings" -}}
{{- $root := .root -}}
{{- $upstream := list -}}
{{- range list "membership" "meetings" "capacity" }}{{ $upstream = append $upstream (printf "%s=%s" . (include "baliprocess.address" (dict "root" $root "name" .))) }}{{ end -}}
{{- $shown := ternary "public-tls" "tls" (eq (include "baliprocess.hasPublicCertificate" .root) "true") -}}
tls_cert: /etc/baliprocess/{{ $shown }}/tls.crt
tls_key: /etc/baliprocess/{{ $shown }}/tls.key
upstream: {{ join "," $upstream }}
upstream_ca: /etc/baliprocess/authority/ca.crt
upstream_cert: /etc/baliprocess/tls/tls.crt
upstream_key: /etc/baliprocess/tls/tls.key
{{- with $root.Values.tokens.oidcClientId }}
oidc_client_id: {{ . | quote }}
{{- end }}
{{- with .values.clientCertificates }}
{{- if ne .mode "none" }}
client_certificates: {{ .mode }}
client_ca: /etc/baliprocess/client-authority/ca.crt
{{- if or .identities.existingConfigMap .identities.existingSecret }}
client_identities: /etc/baliprocess/client-identities/callers.json
{{- end }}
{{- if .signingKey.existingSecret }}
internal_signing_key: /etc/baliprocess/signing-key/signing-key.pem
{{- end }}
{{- end }}
{{- end }}
{{- end -}}
