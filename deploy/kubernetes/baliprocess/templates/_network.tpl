{{/* Parts of NetworkPolicies. */}}

{{/* `ports` of a rule. Takes a list of numbers. */}}
{{- define "baliprocess.tcpPorts" -}}
ports:
  {{- range . }}
  - port: {{ int . }}
    protocol: TCP
  {{- end }}
{{- end -}}

{{/* Pods of the release. Takes a dict of root and names (of components). */}}
{{- define "baliprocess.podsOf" -}}
- podSelector:
    matchLabels:
      {{- include "baliprocess.releaseLabels" .root | nindent 6 }}
    matchExpressions:
      - key: app.kubernetes.io/component
        operator: In
        values:
          {{- toYaml .names | nindent 10 }}
{{- end -}}

{{/* Who may come to the port for operators: Prometheus, and the kubelet where it isn't let through anyway. */}}
{{- define "baliprocess.operatorsIngress" -}}
{{- with .Values.networkPolicy }}
{{- if or .monitoring .kubelet }}
- {{ include "baliprocess.tcpPorts" (list 9440) | nindent 2 | trim }}
  from:
    {{- with .monitoring }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- range .kubelet }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "baliprocess.dnsEgress" -}}
- ports:
    {{- range .Values.networkPolicy.dnsPorts }}
    - port: {{ int . }}
      protocol: UDP
    - port: {{ int . }}
      protocol: TCP
    {{- end }}
  {{- with .Values.networkPolicy.dns }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* A rule of egress. Takes a dict of ports and to ([]: everywhere). */}}
{{- define "baliprocess.egressTo" -}}
- {{ include "baliprocess.tcpPorts" .ports | nindent 2 | trim }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* What all components ask besides each other. */}}
{{- define "baliprocess.commonEgress" -}}
{{- include "baliprocess.dnsEgress" . }}
{{- with .Values.networkPolicy }}
{{- if eq (include "baliprocess.asksIssuers" $) "true" }}
{{ include "baliprocess.egressTo" (dict "ports" .issuerPorts "to" .issuers) }}
{{- end }}
{{- if .collector }}
{{ include "baliprocess.egressTo" (dict "ports" .collectorPorts "to" .collector) }}
{{- end }}
{{- end }}
{{- end -}}
