FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source

# What restore reads comes first: this layer is built again only when a dependency changes.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY src/SequenceModels/SequenceModels.csproj src/SequenceModels/
COPY src/RnnService.Api/RnnService.Api.csproj src/RnnService.Api/
RUN dotnet restore src/RnnService.Api

COPY .editorconfig appsettings.json ./
COPY src/ src/
RUN dotnet publish src/RnnService.Api -c Release --no-restore -o /app \
    && mkdir /data

FROM mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app ./
# A named volume takes over the owner of the folder that it is mounted on.
COPY --from=build --chown=$APP_UID:$APP_UID /data /data

# Nothing is written but to /data: the root file system can be read-only. Diagnostics would want a socket in /tmp.
ENV Storage__Root=/data \
    ASPNETCORE_HTTP_PORTS=8080 \
    DOTNET_EnableDiagnostics=0
USER $APP_UID
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["dotnet", "RnnService.Api.dll", "--health"]
ENTRYPOINT ["dotnet", "RnnService.Api.dll"]
